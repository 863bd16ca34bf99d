import type { RenderedHost, RenderedHostFile } from "./hosts";

/** Folder of a host's files beside its script, and that of the roots that its operating system is to trust. */
export const hostFolders = { files: "files", trust: "trust" } as const;

/** Returns the path of a file beside the script. */
export function sourcePath({ path, action }: RenderedHostFile): string {
  return action === "trust" ? `${hostFolders.trust}/${path}` : `${hostFolders.files}${path}`;
}

/** A shell script that puts a host's files in place, and that changes nothing when it runs again. */
export function applyScript({ name, files }: RenderedHost): string {
  const lines = files.map((file) => {
    const destination = file.action === "trust" ? `"$(trust_folder)"/${quoted(file.path)}` : quoted(file.path);
    const { mode, owner, group, action } = file;
    return `"$step" ${quoted(sourcePath(file))} ${destination} ${[mode, owner, group, action].map(quoted).join(" ")}`;
  });
  return `#!/bin/sh
# Puts the files of ${name} in place, and tells NGINX, NGINX Agent and NGINX Instance Manager what has changed.
# Run it as root on that host. Run again, it changes nothing. ROOT=<folder> puts the files below another folder.
${functions}
each_file() {
  step=$1
${lines.map((line) => `  ${line}`).join("\n")}
}

${steps}`;
}

/** A word of the shell that is nothing but itself. */
function quoted(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const functions = `set -eu
umask 022
cd "$(dirname "$0")"
root=\${ROOT:-}
state=$root/var/lib/nginx-stacks
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/changed"
: >"$work/marks"

fail() {
  echo "apply.sh: $*" >&2
  exit 1
}

# Debian and Red Hat keep the roots that an administrator trusts in different folders.
trust_folder() {
  if command -v update-ca-certificates >/dev/null; then
    echo /usr/local/share/ca-certificates
  elif command -v update-ca-trust >/dev/null; then
    echo /etc/pki/ca-trust/source/anchors
  else
    fail "neither update-ca-certificates nor update-ca-trust is installed"
  fi
}

update_trust() {
  if command -v update-ca-certificates >/dev/null; then update-ca-certificates; else update-ca-trust; fi
}

# An action is due until it has succeeded, in this run or a later one.
mark() {
  [ ! -e "$state/due-$1" ] || return 0
  mkdir -p "$state"
  : >"$state/due-$1"
  echo "$1" >>"$work/marks"
}

is_due() { [ -e "$state/due-$1" ]; }
is_done() { rm "$state/due-$1"; }

check() { # source, destination, mode, owner, group, action
  [ ! -d "$root$2" ] || fail "$2 is a folder"
  if [ ! -e "$1" ]; then
    [ -e "$root$2" ] || fail "$2 is missing, and these files were rendered without secrets: put it there first"
    return 0
  fi
  case $(head -c 10 "$1" | tr -d '\\000') in
    digest:* | "<unknown i"*) fail "$1 stands for a secret and does not hold it: render with --show-secrets, or with --secrets existing" ;;
  esac
  getent passwd "$4" >/dev/null || fail "there is no user $4, who is to own $2"
  getent group "$5" >/dev/null || fail "there is no group $5, which is to read $2"
}

put() { # source, destination, mode, owner, group, action
  [ -e "$1" ] || return 0
  destination=$root$2
  if [ ! -L "$destination" ] && cmp -s "$1" "$destination" &&
    [ "$(stat -c '%a %U %G' "$destination")" = "\${3#0} $4 $5" ]; then
    return 0
  fi
  mark "$6"
  mkdir -p "$(dirname "$destination")"
  backup=$work/$(wc -l <"$work/changed")
  if [ -e "$destination" ]; then cp -p "$destination" "$backup"; fi
  echo "$destination" >>"$work/changed"
  # A reader finds the old file or the new one, never a part; the mode is right before the contents are there.
  new=$(dirname "$destination")/.$(basename "$destination").new
  install -m "$3" -o "$4" -g "$5" "$1" "$new"
  mv -f "$new" "$destination"
  echo "changed $2"
}

restore() {
  number=0
  while read -r destination; do
    if [ -e "$work/$number" ]; then cp -p "$work/$number" "$destination"; else rm -f "$destination"; fi
    number=$((number + 1))
  done <"$work/changed"
  while read -r action; do is_done "$action"; done <"$work/marks"
}
`;

const steps = `[ -n "$root" ] || [ "$(id -u)" = 0 ] || fail "run it as root"
each_file check
each_file put

if is_due reload-nginx && ! nginx -t; then
  restore
  fail "NGINX refuses its configuration; every file is as it was before"
fi
if is_due trust; then
  update_trust
  is_done trust
fi
if is_due restart-manager; then
  systemctl restart nginx-manager
  is_done restart-manager
fi
if is_due reload-nginx; then
  systemctl reload-or-restart nginx
  is_done reload-nginx
fi
if is_due restart-agent; then
  systemctl restart nginx-agent
  is_done restart-agent
fi
`;
