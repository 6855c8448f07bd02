(function () {
  'use strict';
  document.querySelectorAll('.gallery').forEach(function (gallery) {
    var controls = gallery.querySelector('.controls'), list = gallery.querySelector('.cards');
    if (!controls || !list) { return; }
    var cards = Array.prototype.slice.call(list.children), first = cards.slice();
    var orders = {
      first: function (a, b) { return first.indexOf(a) - first.indexOf(b); },
      high: function (a, b) { return b.dataset.score - a.dataset.score; },
      low: function (a, b) { return a.dataset.score - b.dataset.score; },
      name: function (a, b) { return a.dataset.name.localeCompare(b.dataset.name, undefined, {numeric: true}); }
    };
    controls.hidden = false;
    function show(filter) {
      cards.forEach(function (card) {
        card.hidden = !(filter === 'all' || filter === 'wrong' && card.classList.contains('wrong') || filter === 'kind:' + card.dataset.kind);
      });
      controls.querySelectorAll('button').forEach(function (button) {
        button.setAttribute('aria-pressed', String(button.dataset.filter === filter));
      });
    }
    controls.addEventListener('click', function (event) {
      var button = event.target.closest('button');
      if (button) { show(button.dataset.filter); }
    });
    controls.querySelector('select').addEventListener('change', function (event) {
      var position = new Map(first.map(function (card, i) { return [card, i]; }));
      orders.first = function (a, b) { return position.get(a) - position.get(b); };
      cards.sort(orders[event.target.value]).forEach(function (card) { list.appendChild(card); });
    });
    // A link from the list of wrong decisions must not lead to a card that a filter hides.
    window.addEventListener('hashchange', function () {
      var card = document.getElementById(location.hash.slice(1));
      if (card && list.contains(card) && card.hidden) { show('all'); card.scrollIntoView(); }
    });
  });

  var dialog = document.createElement('dialog');
  if (!dialog.showModal) { return; }
  dialog.innerHTML = '<div class="bar"><span></span><button data-step="-1" aria-label="previous">&#8592;</button>' +
    '<button data-step="1" aria-label="next">&#8594;</button><button data-close aria-label="close">&#10005;</button></div><div class="stage"></div>';
  document.body.appendChild(dialog);
  document.body.classList.add('zoomable');
  var stage = dialog.querySelector('.stage'), text = dialog.querySelector('.bar span'), current = null;
  function groups() {
    return Array.prototype.filter.call(document.querySelectorAll('.three, .wide'), function (group) { return !group.closest('[hidden]'); });
  }
  function open(group) {
    current = group;
    var pictures = group.querySelectorAll('img');
    stage.className = pictures.length > 1 ? 'stage' : 'stage one';
    stage.textContent = '';
    pictures.forEach(function (picture) {
      var large = document.createElement('img');
      large.src = picture.src;
      large.alt = picture.alt;
      stage.appendChild(large);
    });
    var card = group.closest('.card');
    text.textContent = card ? card.dataset.name + ' \u00b7 ' + card.querySelector('figcaption').textContent : pictures[0].alt;
    if (!dialog.open) { dialog.showModal(); }
  }
  function step(by) {
    var all = groups(), at = all.indexOf(current) + by;
    if (at >= 0 && at < all.length) { open(all[at]); }
  }
  document.addEventListener('click', function (event) {
    var picture = event.target.closest('.three img, .wide img');
    if (picture) { open(picture.closest('.three, .wide')); }
  });
  dialog.addEventListener('click', function (event) {
    var button = event.target.closest('button');
    if (button && button.dataset.step) { step(Number(button.dataset.step)); }
    else if (button || event.target === stage) { dialog.close(); }
    else if (event.target.tagName === 'IMG') { stage.classList.toggle('large'); }
  });
  dialog.addEventListener('keydown', function (event) {
    if (event.key === 'ArrowRight') { step(1); } else if (event.key === 'ArrowLeft') { step(-1); }
  });
}());
