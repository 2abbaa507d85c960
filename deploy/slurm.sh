#!/bin/bash
# A Ray cluster on a SLURM allocation, and an ablation or a search on it:
#
#   STORAGE=/shared/smfnet sbatch deploy/slurm.sh preset=standard data.root=/shared/data
#   STORAGE=/shared/smfnet sbatch --nodes=4 deploy/slurm.sh ablate no_graph ours --seeds 5 cluster.gpus=0.5
#   STORAGE=/shared/smfnet sbatch deploy/slurm.sh search alpha3 beta1 --trials 50
#
# Submit it from a shared folder, with the environment that has smfnet active (or activate it where the comment below
# says so). A job that meets its time limit queues itself again, and the same sbatch line goes on where the last stopped.
#
#   STORAGE        where stages and results live: a folder that all nodes see, or s3://bucket/path (needed)
#   OUTPUT         folder of this run's tables (default: runs/slurm-JOB; a search names its folder itself)
#   START_LIMIT_S  how long the nodes may take to join (default: 600)
#
#SBATCH --job-name=smfnet
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --gpus-per-node=4
#SBATCH --exclusive
#SBATCH --time=24:00:00
#SBATCH --output=smfnet-%j.log
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --no-kill
#SBATCH --signal=B:USR1@120
# --exclusive: Ray goes by a node's whole memory. --no-kill: a node that dies takes its trials back only to their last
# checkpoints, and the others go on. --signal: two minutes before the time limit, to stop and queue again.

set -euo pipefail

# module load python; source /shared/venv/bin/activate

: "${STORAGE:?expected a folder that all nodes see, or s3://bucket/path: STORAGE=... sbatch $0}"
case "${1:-}" in
  ablate | search) ;;
  *) set -- ablate --all "$@" ;;
esac
output=()
if [[ -n ${OUTPUT:-} ]]; then
  output=(--output "$OUTPUT")
elif [[ $1 == ablate ]]; then
  output=(--output "runs/slurm-$SLURM_JOB_ID") # stays the same when the job is queued again
fi

fail() {
  echo "error: $1" >&2
  exit 1
}

mapfile -t nodes < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
head=${nodes[0]}
# By the address that SLURM itself uses: the name of a node need not be one that is resolved.
head_address=$(scontrol show node --oneliner "$head" | sed -n 's/.* NodeAddr=\([^ ]*\).*/\1/p')
head_ip=$(getent ahostsv4 "$head_address" | awk 'NR == 1 { print $1 }') || true
[[ -n $head_ip ]] || fail "expected an address of node $head; nobody knows that of $head_address, which SLURM has"
port=$((20000 + SLURM_JOB_ID % 12000)) # below the system's own ports, above those of Ray's workers
random() { # random COUNT: so many bytes, in hexadecimal digits
  od -An "-N$1" -tx1 /dev/urandom | tr -d ' \n'
}

# Only processes of this job know the token; a job that is queued again makes another one.
RAY_AUTH_TOKEN=$(random 32)
export RAY_AUTH_MODE=token RAY_AUTH_TOKEN RAY_ADDRESS=$head_ip:$port RAY_USAGE_STATS_ENABLED=0

steps=()
driver=
again=
stopping=

# shellcheck disable=SC2329 # called on a node
serve() { # serve OPTION...: Ray on this node until it ends or is told to, in a folder that nobody else can enter
  local folder ray code told=
  folder=$(mktemp -d /tmp/ray-XXXXXXXX) || return # short: the path of a socket has room for 107 characters
  ray start --temp-dir="$folder/ray" "$@" --num-cpus="${SLURM_CPUS_PER_TASK:-1}" --block &
  ray=$!
  trap 'told=yes; kill "$ray" 2>/dev/null' TERM USR1
  while # a signal ends the wait, not Ray
    wait "$ray"
    code=$?
    kill -0 "$ray" 2>/dev/null
  do :; done
  rm -rf "$folder"
  [[ -z $told ]] || return 0
  [[ $1 == --head ]] || head_answers || scontrol requeue "$SLURM_JOB_ID"
  return "$code"
}

# shellcheck disable=SC2329 # called on a node
head_answers() { # a first node that died took this script along, and with --no-kill SLURM keeps the job all the same
  timeout 20 bash -c ": > /dev/tcp/${RAY_ADDRESS/:/\/}" 2>/dev/null
}
start() { # start NODE OPTION...: one node of the cluster, in the background
  srun --nodes=1 --ntasks=1 --nodelist="$1" --cpus-per-task="${SLURM_CPUS_PER_TASK:-1}" --overlap --export=ALL \
    bash -c "$(declare -f serve head_answers)"'; serve "$@"' serve "${@:2}" &
  steps+=($!)
}

joined() { # how many nodes the cluster has; 0 until it answers
  ray status --address="$RAY_ADDRESS" 2>/dev/null | awk '/^ *[0-9]+ node_/ { count += $1 } END { print count + 0 }'
}

await() { # await COUNT: until so many nodes have joined
  until (($(joined) >= $1)); do
    [[ -z $stopping ]] || exit 143
    for step in "${steps[@]}"; do
      kill -0 "$step" 2>/dev/null || fail "Ray ended on a node before $1 of ${#nodes[@]} had joined: see the lines above"
    done
    ((SECONDS < ${START_LIMIT_S:-600})) || fail "fewer than $1 of ${#nodes[@]} nodes joined within ${START_LIMIT_S:-600} s"
    sleep 1
  done
}

stop() { # what has been reached is in the storage at any moment, so the driver needs no time to say goodbye
  stopping=yes
  [[ -z $driver ]] || kill -TERM "$driver" 2>/dev/null || true
}

# shellcheck disable=SC2329 # called by the trap
clean_up() { # each node's step takes its Ray down; no new step, which would wait for ever for a node that is dead
  trap '' TERM USR1
  local until=$((SECONDS + 30))
  for step in "${steps[@]}"; do
    kill -USR1 "$step" 2>/dev/null || true # srun hands it on to `serve`; of SIGTERM it would make a SIGKILL
  done
  for step in "${steps[@]}"; do
    while kill -0 "$step" 2>/dev/null && ((SECONDS < until)); do sleep 1; done
  done
  [[ -z $again ]] || scontrol requeue "$SLURM_JOB_ID"
}

trap clean_up EXIT
trap 'signalled=yes; stop' TERM
trap 'signalled=yes; again=yes; stop' USR1

start "$head" --head --node-ip-address="$head_ip" --port="$port" --include-dashboard=false
await 1
for node in "${nodes[@]:1}"; do
  start "$node" --address="$RAY_ADDRESS"
done
await "${#nodes[@]}"

smfnet "$1" --address auto "${output[@]}" storage="$STORAGE" "${@:2}" &
driver=$!
[[ -z $stopping ]] || stop # a signal that came before there was a driver
while # a signal ends the wait, not the driver, whose code is there to be had once more
  signalled=
  code=0
  wait "$driver" || code=$?
  [[ -n $signalled ]]
do :; done
exit "$code"
