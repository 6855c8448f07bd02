# Shared by the scripts of this folder: a temporary folder that goes away, pinned packages from their public registries, and the comparison
# of what was seen with what is expected. Needs bash, a JDK 17 or newer, Maven, and npm where a script says so.
set -euo pipefail
export LC_ALL=C
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# maven GROUP:ARTIFACT:VERSION[:CLASSIFIER] ... : sets class_path to these jars, without what they depend on.
maven() {
    local spec group artifact version classifier file
    class_path=.
    for spec in "$@"; do
        IFS=: read -r group artifact version classifier <<< "$spec"
        file="$artifact-$version${classifier:+-$classifier}.jar"
        mvn -q -B dependency:copy -Dmdep.useBaseVersion=true -DoutputDirectory="$folder/jars" \
            -Dartifact="$group:$artifact:$version:jar${classifier:+:$classifier}" > mvn.log 2>&1 || { cat mvn.log >&2; exit 3; }
        class_path+=":jars/$file"
    done
}

# npm_packages NAME@VERSION ...
npm_packages() {
    echo '{"private": true, "type": "module"}' > package.json
    npm install --silent --no-audit --no-fund "$@" > npm.log 2>&1 || { cat npm.log >&2; exit 3; }
}

# expect FILE: fails, with the difference, where FILE and what was seen differ.
expect() {
    cat seen
    if diff expected seen > difference; then
        echo "as expected"
    else
        echo "CHANGED (expected <, seen >):"
        cat difference
        exit 1
    fi
}

# tiff_writer: tiff.mjs, whose tiff(file, width, bits, format, samples) writes one uncompressed grey row; format 1 is unsigned, 3 floating-point.
tiff_writer() {
    cat > tiff.mjs <<'JS'
import fs from 'node:fs';
export function tiff(name, width, bits, format, samples) {
    const tags = [[256, 4, width], [257, 4, 1], [258, 3, bits], [259, 3, 1], [262, 3, 1], [273, 4, 8], [277, 3, 1], [278, 4, 1], [279, 4, samples.length],
        [339, 3, format]];
    const file = Buffer.alloc(8 + samples.length + 2 + 12 * tags.length + 4);
    file.write('II*\0', 'latin1');
    file.writeUInt32LE(8 + samples.length, 4);
    samples.copy(file, 8);
    let at = file.writeUInt16LE(tags.length, 8 + samples.length);
    for (const [tag, type, value] of tags) {
        file.writeUInt16LE(tag, at);
        file.writeUInt16LE(type, at + 2);
        file.writeUInt32LE(1, at + 4);
        type === 3 ? file.writeUInt16LE(value, at + 8) : file.writeUInt32LE(value, at + 8);
        at += 12;
    }
    fs.writeFileSync(name, file);
}
JS
}

# The jars of two libraries that several scripts read pictures with; both set class_path.
twelvemonkeys_tiff() {
    local version=3.12.0
    maven com.twelvemonkeys.imageio:imageio-tiff:$version com.twelvemonkeys.imageio:imageio-core:$version com.twelvemonkeys.imageio:imageio-metadata:$version \
        com.twelvemonkeys.common:common-lang:$version com.twelvemonkeys.common:common-io:$version com.twelvemonkeys.common:common-image:$version
}

opencv() {
    maven org.bytedeco:opencv:4.13.0-1.5.13 org.bytedeco:opencv:4.13.0-1.5.13:linux-x86_64 org.bytedeco:openblas:0.3.31-1.5.13 \
        org.bytedeco:openblas:0.3.31-1.5.13:linux-x86_64 org.bytedeco:javacpp:1.5.13 org.bytedeco:javacpp:1.5.13:linux-x86_64
}
