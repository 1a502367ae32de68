# Sourced, at the root of the repository and with the arguments of the script, by scripts that mount file systems: starts the
# script again in a namespace where it may mount, or exits with 2 if this machine does not allow that.
if [ "${1-}" != mounted ]; then
  if ! unshare --map-root-user --mount mount -t tmpfs none /mnt 2>/dev/null; then
    echo "$0: file systems cannot be mounted in a namespace here" >&2
    exit 2
  fi
  exec unshare --map-root-user --mount "test/system/$(basename "$0")" mounted
fi
