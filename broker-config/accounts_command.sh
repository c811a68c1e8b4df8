# The command line that scripts/add-node and scripts/add-user share; they differ in $kind: certificate or
# password. Needs $program, $kind, $share and usage().
accounts=/etc/mosquitto/edge
. "$share/accounts.sh"

name='' roles='' remove=no list=no site='' prefix='' discovery='' password_file='' grants=''
newline='
'

if [ $# -gt 0 ] && [ "${1#--}" = "$1" ]; then
    name=$1
    shift
    if [ $kind = password ] && [ $# -gt 0 ] && [ "${1#--}" = "$1" ]; then
        roles=$1
        shift
    fi
fi
while [ $# -gt 0 ]; do
    case "$1" in
    --remove) remove=yes ;;
    --list) list=yes ;;
    *)
        [ $# -ge 2 ] && [ -n "$2" ] || usage
        case "$kind $1" in
        "certificate --role") roles=$2 ;;
        "password --password-file") password_file=$2 ;;
        *" --site") site=$2 ;;
        *" --prefix") prefix=$2 ;;
        *" --discovery-prefix") discovery=$2 ;;
        *" --accounts") accounts=${2%/} ;;
        *" --read" | *" --write")
            accounts_check_filter "$2"
            grants="$grants${1#--} $2$newline"
            ;;
        *) usage ;;
        esac
        shift
        ;;
    esac
    shift
done

# --- passwords ---

check_password() {
    case "$1" in
    '' | *[[:cntrl:]]*) fail "a password has at least one character, and no control characters" ;;
    esac
}

ask_password() {
    trap 'stty echo; rm -rf "$work"; exit 1' HUP INT TERM
    stty -echo
    printf 'password of %s: ' "$name" >&2
    IFS= read -r password || password=''
    printf '\nonce more: ' >&2
    IFS= read -r again || again=''
    stty echo
    echo >&2
    [ "$password" = "$again" ] || fail "they differ; nothing was changed"
}

# Sets $password; empty: it keeps the one it has.
get_password() {
    password=''
    if [ "$password_file" = - ]; then
        IFS= read -r password || [ -n "$password" ] || fail "no password on stdin"
    elif [ -n "$password_file" ]; then
        [ -r "$password_file" ] || fail "cannot read $password_file"
        IFS= read -r password <"$password_file" || [ -n "$password" ] || fail "no password in $password_file"
    elif grep -q "^$name:" "$accounts/passwords" 2>/dev/null; then
        return
    elif [ -t 0 ]; then
        ask_password
    else
        password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
        echo "password of $name: $password"
    fi
    check_password "$password"
}

# Never on a command line, which everybody on the machine can read.
save_password() {
    { [ ! -e "$accounts/passwords" ] || cat "$accounts/passwords"; } >"$work/passwords"
    printf '%s\n%s\n' "$password" "$password" | mosquitto_passwd "$work/passwords" "$name" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        fail "mosquitto_passwd failed"
    }
    accounts_install passwords
}

drop_password() {
    [ -e "$accounts/passwords" ] || return 0
    grep -v "^$name:" "$accounts/passwords" >"$work/passwords" || [ $? -eq 1 ]
    accounts_install passwords
}

# --- what is wanted ---

if [ $list = yes ]; then
    [ -z "$name$roles" ] && [ $remove = no ] || usage
    [ -e "$accounts/members" ] || fail "there is nothing in $accounts yet"
    accounts_list
    exit
fi
[ -n "$name" ] || usage
accounts_check_name "$name"

if [ $remove = yes ]; then
    [ -z "$roles$grants$password_file" ] || usage
    [ -d "$accounts" ] || fail "there is no $accounts"
    accounts_open
    [ "$(accounts_kind_of "$name")" = $kind ] || fail "'$name' is not among those with a $kind: see --list"
    drop_password
    accounts_drop "$name"
    accounts_save
    accounts_reload
    [ $kind = password ] || echo "its certificate is still good: scripts/pki revoke $name"
    exit
fi

[ -n "$roles" ] || usage
accounts_check_roles "$roles"
[ $kind = certificate ] || command -v mosquitto_passwd >/dev/null || fail "needs mosquitto_passwd: apt-get install mosquitto"
accounts_open
known=$(accounts_kind_of "$name")
[ -z "$known" ] || [ "$known" = $kind ] || fail "'$name' is one with a $known already: take another name"
[ -n "$site" ] || site=$(accounts_default 4 '' "$name")
[ -n "$site" ] || fail "which site? Give --site, once"
[ "$site" = + ] || accounts_check_id site "$site"
[ -n "$prefix" ] || prefix=$(accounts_default 5 edge "$name")
accounts_check_prefix "$prefix"
[ -n "$discovery" ] || discovery=$(accounts_default 6 homeassistant "$name")
accounts_check_prefix "$discovery"
printf '%s' "$grants" >"$work/grants"
accounts_put "$name" $kind "$roles" "$site" "$prefix" "$discovery"
if [ $kind = password ]; then
    get_password
    [ -z "$password" ] || save_password
fi
accounts_save
accounts_reload
