#!/usr/bin/env bash
# Train `mini` on a machine with one large GPU that is lent for half an hour and reached by commands of ten minutes.
#
#   bash training/device.sh start [VAE_SECONDS] [MINI_SECONDS]   begin in the background, then watch
#   bash training/device.sh watch                                 watch on; run it again until it says "done"
#
# With START=FOLDER the diffusion model goes on from the nets of a finished pipeline, such as the one that ships; with 0
# seconds for an autoencoder it keeps that one's, too. FOLDER may be a pack of `training.travel`, which travels in half the
# bytes and must be of the weights that this tree names. Another SEED renders other people.
# Rendering, autoencoder and diffusion model run in one background session, so that nothing is compiled twice and no second
# is lost between the calls. Each call ends before WATCH seconds are over (or as soon as something died) and leaves in $OUT
# what there is: the weights so far in tar pieces, the sheets, the logs.
set -euo pipefail

RUN=${RUN:-/tmp/mini}
WATCH=${WATCH:-560}
PROCESSES=${PROCESSES:-13}
SEED=${SEED:-0}
START=${START:+$(realpath "$START")}
OUT=${OUT:-$RUN/out}
export PYTHONPATH=/tmp/site:$RUN/code PYTHONUNBUFFERED=1
export HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 HF_HOME=/tmp/hf
export TORCHINDUCTOR_CACHE_DIR=/tmp/inductor TORCHINDUCTOR_COMPILE_THREADS=12 TORCHINDUCTOR_FX_GRAPH_CACHE=1
export PYTORCH_ALLOC_CONF=expandable_segments:True PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True
export OMP_NUM_THREADS=1

install() {
  if compgen -G '.whl/*.whl' > /dev/null; then
    python3 -m pip install -q --no-index --no-deps --no-compile --no-cache-dir --upgrade --target /tmp/site .whl/*.whl
  fi
  mkdir -p "$RUN/shards" "$OUT"
  # A later call sends the working tree again, over files that the running processes may still have to import.
  rm -rf "$RUN/code" && mkdir "$RUN/code" && cp -r fashion_gen training templates "$RUN/code/"
  (cd "$RUN/code" && python3 -c 'import torch, training.export, training.train_vae, training.render_shards
print(torch.__version__, torch.cuda.get_device_name())')
  if compgen -G "$START/*.int8.safetensors" > /dev/null; then
    python3 -m training.travel unpack "$START" "$RUN/start" --sums fashion_gen/generate/mini/SHA256SUMS
    START=$RUN/start
  fi
}

# The diffusion model's kernels are compiled while the autoencoder still trains, and its whole path is tried early. Its minute
# is long enough to be in the first step, which compiles, when it is over.
rehearse() {
  until [ -e "$RUN/vae/config.json" ]; do sleep 1; done
  sleep 2
  mkdir -p "$RUN/rehearsal" && cp -r "$RUN/vae" "$RUN/rehearsal/"
  exec nice -n 5 python3 -m training.train_mini --data "$RUN/shards" --out "$RUN/rehearsal" --capacity 600 --wait-for 100 \
    --total-seconds 60
}

work() {
  cd "$RUN/code"
  nice -n 10 python3 -m training.render_shards --out "$RUN/shards" --processes "$PROCESSES" --seed "$SEED" \
    --seconds "$(($1 + $2 - 60))" > "$RUN/render.log" 2>&1 &
  (spare_the_disk > /dev/null 2>&1) &
  local wait_for=1500
  if [ "$1" -gt 0 ]; then
    (rehearse > "$RUN/rehearsal.log" 2>&1) &
    local rehearsal=$!
    python3 -m training.train_vae --data "$RUN/shards" --out "$RUN" --total-seconds "$1"
    kill "$rehearsal" 2> /dev/null || true # it must not share the memory; what it compiled stays
    rm -f "$RUN/rehearsal/mini.pt"
  else
    cp -r "${START:?no seconds for an autoencoder, and none to take}/vae" "$RUN/vae"
    wait_for=16 # the first step compiles for two minutes, in which the others are rendered
  fi
  python3 -m training.train_mini --data "$RUN/shards" --out "$RUN" --total-seconds "$2" --wait-for "$wait_for" \
    ${START:+--start "$START"}
  touch "$RUN/done"
}

# Shards older than five minutes were read long ago.
spare_the_disk() {
  while sleep 10; do
    if [ "$(df --output=avail -k "$RUN" | tail -1)" -lt 6000000 ]; then
      find "$RUN/shards" -name 'shard-*.npz' -mmin +5 -delete
    fi
  done
}

bring() {
  rm -rf "${OUT:?}"/*
  if [ -e "$RUN/mini.pt" ]; then
    (cd "$RUN/code" && python3 -m training.export --run "$RUN" --to "$RUN/mini" --parts "$OUT") || true
  fi
  cp "$RUN"/sheet.jpg "$RUN"/vae.jpg "$OUT/" 2> /dev/null || true
  tar cf "$OUT/logs.tar" -C "$RUN" --ignore-failed-read \
    work.log render.log rehearsal.log vae.jsonl mini.jsonl 2> /dev/null || true
  ls -l "$OUT"
}

watch() {
  local until=$((SECONDS + WATCH))
  while [ "$SECONDS" -lt "$until" ] && [ ! -e "$RUN/done" ] && kill -0 "$(cat "$RUN/pid")" 2> /dev/null; do sleep 2; done
  bring
  tail -n 25 "$RUN/work.log"
  tail -n 5 "$RUN/rehearsal.log" "$RUN/render.log" || true
  find "$RUN/shards" -name "shard-*" | wc -l
  nvidia-smi --query-gpu=utilization.gpu,memory.used --format=csv || true
  if [ -e "$RUN/done" ]; then
    echo done
  elif kill -0 "$(cat "$RUN/pid")" 2> /dev/null; then
    echo 'still running: call watch again within 30 seconds'
  else
    echo 'DIED: see work.log'
    return 1
  fi
}

case ${1:?start or watch} in
  start)
    install
    setsid nohup bash "$RUN/code/training/device.sh" work "${2:-300}" "${3:-1180}" > "$RUN/work.log" 2>&1 < /dev/null &
    echo $! > "$RUN/pid"
    WATCH=$((WATCH - 40)) watch
    ;;
  watch | work) "$@" ;;
  *) echo "no such step: $1" >&2; exit 2 ;;
esac
