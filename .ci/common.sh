# What ./run and ./test share. Sourced by bash; the working directory is the checkout.

logs=build/logs
mkdir -p "$logs"

if [[ -t 1 ]]; then
  bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' dim=$'\e[2m' plain=$'\e[0m'
else
  bold= red= green= dim= plain=
fi

say() { printf '%s\n' "$*"; }

# step LABEL LOG COMMAND...: runs the command with its output in LOG, prints one line with the time it
# took, and after a failure the last `shown` lines of the log. The command's status is the step's.
shown=40
step() {
  local label=$1 log=$2 status=0 started=$SECONDS
  shift 2
  printf '  %-34s' "$label"
  "$@" >"$log" 2>&1 || status=$?
  if ((status == 0)); then
    printf '%sdone%s %5d s\n' "$green" "$plain" $((SECONDS - started))
  else
    printf '%sfailed%s %3d s\n' "$red" "$plain" $((SECONDS - started))
    tail -n "$shown" "$log" | sed 's/^/    | /'
    say "    the whole output: $log"
  fi
  return "$status"
}

# The packages of the given sections of .ci/packages.
packages_of() {
  local wanted=" $* " section= name
  while read -r name _; do
    case $name in
      '' | '#'*) ;;
      '['*']') section=${name//[\[\]]/} ;;
      *) [[ $wanted == *" $section "* ]] && say "$name" ;;
    esac
  done <.ci/packages
  return 0
}

is_installed() {
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

apt_install() {
  $1 env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
    $1 env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
      -o Dpkg::Use-Pty=0 "${@:2}"
}

# install_packages SECTION...: installs what is missing, through apt and without a question; where
# that is not allowed, says what is missing and how to install it, and ends with status 2.
install_packages() {
  local missing=() package as_root=
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "  This is no Debian: the packages in .ci/packages must be here under other names."
    return
  fi
  for package in $(packages_of "$@"); do
    is_installed "$package" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    if ! sudo -n true 2>/dev/null; then
      say "These Debian packages are missing: ${missing[*]}"
      as_root=$(command -v sudo >/dev/null && echo "sudo sh" || echo su)
      say "Install them with:"
      say "  $as_root -c 'apt-get update && apt-get install -y --no-install-recommends ${missing[*]}'"
      exit 2
    fi
    as_root="sudo -n"
  fi
  step "install ${#missing[@]} packages" "$logs/packages.log" apt_install "$as_root" "${missing[@]}" ||
    exit 2
}

# configure_and_build PRESET [-D...] -- [TARGET...]
configure_and_build() {
  local preset=$1 settings=()
  shift
  while [[ $1 != -- ]]; do
    settings+=("$1")
    shift
  done
  shift
  cmake --preset "$preset" "${settings[@]}" &&
    cmake --build "build/$preset" --parallel "$(nproc)" ${1:+--target "$@"}
}
