#!/bin/sh
# Every figure of docs/science.md, from held-out problems of the bundled model: sh docs/science/measure.sh ITEMS BATCH
# With 10 items of each family some hours on two cores; with 200, and batches of 200, minutes on a GPU.
set -eu
items=${1:-10} batch=${2:-8}
cd "$(dirname "$0")"

bench() {  # NAME PRESETS AND AXES: a comparison, kept as NAME.json
    name=$1
    shift
    dlldecode bench "$@" --cache none --dtype float32 --limit "$items" --batch-size "$batch" --export "$name.json" -f csv > /dev/null
}

chart() {  # NAME OF FIGURE, NAME OF COMPARISON, COLUMNS
    figure=$1 from=$2
    shift 2
    python -m dlldecode.science chart "$from.json" "$@" --export "$figure.md" --export "$figure.svg" > /dev/null
}

ask() {  # QUESTION, AND THE FILES THAT HOLD THE ANSWER
    question=$1
    shift
    python -m dlldecode.science run "$question" --dtype float32 --limit "$items" --batch-size "$batch" "$@" > /dev/null
}

bench fixed-k topk --axis k=1..8..1
chart fixed-k fixed-k --across k
ask trajectory --export trajectory.md --export trajectory.svg
ask divergence --export divergence.md --export divergence.svg
ask lengths --export lengths.md --export lengths.svg
bench block-length threshold factor hierarchy dico --axis block_length=8,16,32,64,128
chart block-length block-length --across block_length --doubling
bench canvas threshold factor hierarchy dico --axis max_tokens=96,128,192,256
chart canvas canvas --across max_tokens
bench seeds dico --block-length 128 --axis seeds=1..8..1 --axis guidance=exponential,off
chart seeds seeds --across seeds --by guidance
bench guidance vanilla --block-length 128 --axis 'decode.wrap=[],prior' --axis wrap_options.prior.fall=exponential
chart guidance guidance --across tpf --by setting
ask repair --export repair.md
ask bound --export bound.md
