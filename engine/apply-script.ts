import type { RenderedHost, RenderedHostFile } from "./hosts";

/** Folder of a host's files beside its script, and that of the roots that its operating system is to trust. */
export const hostFolders = { files: "files", trust: "trust" } as const;

/** Returns the path of a file beside the script. */
export function sourcePath({ path, action }: RenderedHostFile): string {
  return action === "trust" ? `${hostFolders.trust}/${path}` : `${hostFolders.files}${path}`;
}

/**
 * A shell script that puts a host's files in place, all or none, and that changes nothing when it runs again.
 *
 * New files are written beside the old ones, and the old ones get a second name. A list of them becomes the journal `transaction` in
 * one step; from then on, until NGINX has accepted its configuration, a run that ends or is killed is undone: at once, or at the
 * beginning of the next run.
 */
export function applyScript({ name, files }: RenderedHost): string {
  const lines = files.map((file) => {
    const destination = file.action === "trust" ? `"$(trust_folder)"/${quoted(file.path)}` : quoted(file.path);
    const { mode, owner, group, action } = file;
    return `"$step" ${quoted(sourcePath(file))} ${destination} ${[mode, owner, group, action].map(quoted).join(" ")}`;
  });
  return `#!/bin/sh
# Puts the files of ${name} in place, all or none, and tells NGINX, NGINX Agent and NGINX Instance Manager what has changed.
# Run it as root on that host. Run again, it changes nothing. --root <folder> puts the files below another folder.
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

fail() {
  echo "apply.sh: $*" >&2
  exit 1
}

root=
while [ $# -gt 0 ]; do
  case $1 in
    --root)
      [ $# -gt 1 ] || fail "--root takes a folder"
      case $2 in /*) root=\${2%/} ;; *) root=$PWD/\${2%/} ;; esac
      shift 2
      ;;
    *) fail "there is no option $1; the only one is --root <folder>" ;;
  esac
done
CDPATH= cd -- "$(dirname -- "$0")"
state=$root/var/lib/nginx-stacks

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
  if command -v update-ca-certificates >/dev/null; then update-ca-certificates; else update-ca-trust; fi 9>&-
}

# An action is due until it has succeeded, in this run or a later one.
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

# Sets the names beside a destination: of the new file, whose mode is right before the contents are there, and of the old one.
beside() {
  new=\${1%/*}/.\${1##*/}.nginx-stacks-new
  old=\${1%/*}/.\${1##*/}.nginx-stacks-old
}

stage() { # source, destination, mode, owner, group, action
  [ -e "$1" ] || return 0
  destination=$root$2
  if [ ! -L "$destination" ] && cmp -s "$1" "$destination" &&
    [ "$(stat -c '%a %U %G' "$destination")" = "\${3#0} $4 $5" ]; then
    return 0
  fi
  if ! is_due "$6" && ! grep -qsx "action $6" "$state/staged"; then echo "action $6" >>"$state/staged"; fi
  if [ -e "$destination" ] || [ -L "$destination" ]; then kind=replaced; else kind=added; fi
  echo "$kind $destination" >>"$state/staged"
  mkdir -p "\${destination%/*}"
  beside "$destination"
  rm -f "$new" "$old"
  install -m "$3" -o "$4" -g "$5" "$1" "$new"
  # A second name takes no room, and what it names comes back as it was, a symbolic link too.
  [ $kind = added ] || ln -P "$destination" "$old" 2>/dev/null || cp -a "$destination" "$old"
}

put() {
  while read -r kind subject; do
    case $kind in
      action) : >"$state/due-$subject" ;;
      *)
        beside "$subject"
        mv -fT "$new" "$subject"
        echo "changed \${subject#"$root"}"
        ;;
    esac
  done <"$state/transaction"
}

undo() {
  while read -r kind subject; do
    beside "$subject"
    case $kind in
      action) rm -f "$state/due-$subject" ;;
      replaced)
        inode=$(stat -c %d:%i "$old" 2>/dev/null || true)
        # Without the second name it was undone before; with that of the same file it was not put.
        [ -z "$inode" ] || [ "$inode" = "$(stat -c %d:%i "$subject" || true)" ] || mv -fT "$old" "$subject"
        ;;
      added) rm -f "$subject" ;;
    esac
  done <"$state/transaction"
  mv "$state/transaction" "$state/finished"
  clean finished
}

# Removes what is beside the files of a list, and the list.
clean() {
  [ -e "$state/$1" ] || return 0
  while read -r kind subject; do
    [ "$kind" = action ] || { beside "$subject" && rm -f "$new" "$old"; }
  done <"$state/$1"
  rm "$state/$1"
}

# Undoes what has begun and is not finished.
recover() {
  clean finished
  clean staged
  if [ -e "$state/transaction" ]; then undo; fi
}
`;

const steps = `[ -n "$root" ] || [ "$(id -u)" = 0 ] || fail "run it as root"
mkdir -p "$state"
# Held by this script alone: programs that it starts may live on.
exec 9>"$state/lock"
flock -w 10 9 || fail "it runs already"
if [ -e "$state/transaction" ]; then echo "apply.sh: an earlier run was interrupted; its changes are undone first" >&2; fi
recover
trap recover EXIT
trap 'exit 1' HUP INT TERM
each_file check
each_file stage
if [ -e "$state/staged" ]; then
  mv "$state/staged" "$state/transaction"
  put
fi
if is_due reload-nginx && ! nginx -t 9>&-; then
  if [ -e "$state/transaction" ]; then undo; fi
  fail "NGINX refuses its configuration; every file is as it was before"
fi
if [ -e "$state/transaction" ]; then mv "$state/transaction" "$state/finished"; fi
clean finished

if is_due trust; then
  update_trust
  is_done trust
fi
if is_due restart-manager; then
  systemctl restart nginx-manager 9>&-
  is_done restart-manager
fi
if is_due reload-nginx; then
  systemctl reload-or-restart nginx 9>&-
  is_done reload-nginx
fi
if is_due restart-agent; then
  systemctl restart nginx-agent 9>&-
  is_done restart-agent
fi
`;
