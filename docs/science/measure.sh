#!/bin/sh
# Every figure of docs/science.md, or those named, from held-out problems of the bundled model:
#   sh docs/science/measure.sh ITEMS BATCH [NAME]...
# With 10 items of each family some hours on two cores; with 100, and batches of 100, minutes on a GPU.
set -eu
items=${1:-10} batch=${2:-8}
[ $# -le 2 ] && set -- || shift 2
wanted=$*
cd "$(dirname "$0")"
kept=../../build/science
mkdir -p $kept

is_wanted() {  # NAME
    [ -z "$wanted" ] && return
    case " $wanted " in *" $1 "*) ;; *) return 1 ;; esac
}

compare() {  # NAME, HOW `chart` DRAWS IT, THEN PRESETS AND AXES
    name=$1 columns=$2
    shift 2
    is_wanted "$name" || return 0
    dlldecode bench "$@" --cache none --dtype float32 --limit "$items" --batch-size "$batch" --export $kept/"$name".json > /dev/null
    # shellcheck disable=SC2086 (the columns are several words)
    python -m dlldecode.science chart $kept/"$name".json $columns --export "$name.json" --export "$name.svg" > /dev/null
}

ask() {  # QUESTION, THEN OTHER FILES
    question=$1
    shift
    is_wanted "$question" || return 0
    python -m dlldecode.science run "$question" --dtype float32 --limit "$items" --batch-size "$batch" \
        --export "$question.json" "$@" > /dev/null
}

compare fixed-k '--across k' topk --axis k=1..8..1
ask trajectory --export trajectory.svg
ask divergence --export divergence.svg
ask lengths --export lengths.svg
compare block-length '--across block_length --doubling' threshold factor hierarchy dico --axis block_length=8,16,32,64,128
compare canvas '--across max_tokens' threshold factor hierarchy dico --axis max_tokens=96,128,192,256
compare seeds '--across seeds --by guidance' dico --block-length 128 --axis seeds=1..8..1 --axis guidance=exponential,off
compare guidance '--across tpf --by setting' vanilla --block-length 128 --axis 'decode.wrap=[],prior' --axis wrap_options.prior.fall=exponential
ask repair
ask bound
