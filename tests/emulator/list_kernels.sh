#!/bin/sh
# Writes the translation unit that compiles one kernel file for the emulated driver: the file itself, then a registration for each of its
# kernels. Kernels are found in the preprocessed text, so that macros may define them. Usage: list_kernels.sh COMPILER INCLUDES... FILE OUT
set -eu
compiler=$1; shift
flags=""
while [ $# -gt 2 ]; do flags="$flags $1"; shift; done
file=$1; out=$2
{
    echo '#include "registry.h"'
    echo "#include \"$file\""
    $compiler $flags -E -P -DEMULATOR_LISTS_KERNELS -x c++ "$file" | tr '\n\t' '  ' | grep -oE '__global__ +void +(__launch_bounds__ *\([^()]*(\([^()]*\)[^()]*)*\) *)?[A-Za-z_0-9]+ *\(' |
        sed -E 's/__global__ +void +//; s/ *\($//' |
        sed -E 's/^__launch_bounds__ *\((.*)\) *([A-Za-z_0-9]+)$/EMULATED_KERNEL(\2, \1);/; s/^([A-Za-z_0-9]+)$/EMULATED_KERNEL(\1);/' || true
} > "$out.tmp"
# Left alone when nothing changed, so that nothing is compiled again.
if cmp -s "$out.tmp" "$out"; then rm "$out.tmp"; else mv "$out.tmp" "$out"; fi
