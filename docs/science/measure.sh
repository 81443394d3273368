#!/bin/sh
# Every figure of docs/science.md, from held-out problems of the bundled model: sh docs/science/measure.sh ITEMS BATCH
# With 10 items of each family some hours on two cores; with 200, and batches of 200, minutes on a GPU.
set -eu
items=${1:-10} batch=${2:-8}
cd "$(dirname "$0")"
kept=../../build/science
mkdir -p $kept

compare() {  # NAME, THEN PRESETS AND AXES: a comparison that `chart` draws
    name=$1
    shift
    dlldecode bench "$@" --cache none --dtype float32 --limit "$items" --batch-size "$batch" --export $kept/"$name".json > /dev/null
}

chart() {  # NAME, THEN COLUMNS
    name=$1
    shift
    python -m dlldecode.science chart $kept/"$name".json "$@" --export "$name.json" --export "$name.svg" > /dev/null
}

ask() {  # QUESTION, THEN OTHER FILES
    question=$1
    shift
    python -m dlldecode.science run "$question" --dtype float32 --limit "$items" --batch-size "$batch" \
        --export "$question.json" "$@" > /dev/null
}

compare fixed-k topk --axis k=1..8..1
chart fixed-k --across k
ask trajectory --export trajectory.svg
ask divergence --export divergence.svg
ask lengths --export lengths.svg
compare block-length threshold factor hierarchy dico --axis block_length=8,16,32,64,128
chart block-length --across block_length --doubling
compare canvas threshold factor hierarchy dico --axis max_tokens=96,128,192,256
chart canvas --across max_tokens
compare seeds dico --block-length 128 --axis seeds=1..8..1 --axis guidance=exponential,off
chart seeds --across seeds --by guidance
compare guidance vanilla --block-length 128 --axis 'decode.wrap=[],prior' --axis wrap_options.prior.fall=exponential
chart guidance --across tpf --by setting
ask repair
ask bound
