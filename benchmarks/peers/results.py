"""The JSON file that all parts of gpu-bundle/run share; CardResults.java reads and writes the same file. Saved whole after every line."""
import json
import os


class Results:
    def __init__(self, folder):
        self.file = folder / "results.json"
        self.root = json.loads(self.file.read_text())
        self.ours = self.root.get("ours", {})
        self.pytorch = self.root.setdefault("pytorch", {})
        self.differences = []  # what failed because two programs do not compute the same

    def set(self, name, value):
        self.pytorch[name] = value
        self._save()

    def drop(self, name, matches):
        """Takes the lines of a list away that a part measures again."""
        self.pytorch[name] = [line for line in self.pytorch.get(name, []) if not matches(line)]
        self._save()

    def append(self, name, line):
        self.pytorch.setdefault(name, []).append(line)
        self._save()

    def _save(self):
        temporary = self.file.with_suffix(".partial")
        temporary.write_text(json.dumps(self.root, indent=2) + "\n")
        os.replace(temporary, self.file)
