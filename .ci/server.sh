# shellcheck shell=bash
# A server for one check, to be sourced: `start_server [flag...]` builds it and starts it on a free port, with a data directory
# of its own and demo data. Then $url is where it answers, and $bankgraph the command. It stops when the script ends.

start_server() {
  work=$(mktemp -d)
  chmod 755 "$work" # the private Postgres of root runs as another user, who must get in
  server=
  trap stop_server EXIT
  bankgraph=$work/bankgraph
  go build -o "$bankgraph" .
  # A database that the environment names would be filled with whatever the check does, and is somebody's.
  env -u DATABASE_URL "$bankgraph" serve --addr 127.0.0.1:0 --data-dir "$work/data" "$@" >"$work/out" 2>"$work/log" &
  server=$!
  for _ in $(seq 300); do # as many tenths of a second: the first start of Postgres takes the longest
    url=$(sed -n 's|^ *Playground *\(http://[^/]*\)/$|\1|p' "$work/out")
    [[ -n $url ]] && curl -fs "$url/readyz" >/dev/null && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  echo "The server does not start:" >&2
  cat "$work/out" "$work/log" >&2
  exit 1
}

# token USER prints a bearer token.
token() { "$bankgraph" token --user "$1" --data-dir "$work/data"; }

stop_server() {
  local status=$?
  if [[ -n $server ]]; then
    kill -INT "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  if [[ $status != 0 && -s $work/log ]]; then
    echo "The end of the server's log:" >&2
    grep -v msg=migrated "$work/log" | tail -n 20 >&2 || true
  fi
  rm -rf "$work"
  exit "$status"
}
