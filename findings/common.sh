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
