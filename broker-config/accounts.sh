# Who a broker knows, for scripts/add-node and scripts/add-user. A directory with three files:
#   members    one line each: NAME certificate|password ROLE[,ROLE...] SITE PREFIX DISCOVERY; behind
#              it, the filters that it has beside its roles: NAME grants read|write FILTER
#   acl        mosquitto's access list; made of members and roles/ at each call, so never edited
#   passwords  mosquitto's
# Everything is written whole and moved into place. Needs $program, $accounts and $share.

fail() {
    echo "$program: $*" >&2
    exit 1
}

tab=$(printf '\t')

# accounts_open: locks the directory for as long as this program runs.
accounts_open() {
    umask 077
    if [ ! -d "$accounts" ]; then
        mkdir -p "$accounts"
        # The broker, which is not root, must reach its files in it.
        accounts_give "$accounts" 0750
    fi
    work=$(mktemp -d "$accounts/.work.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM
    exec 9>"$accounts/.lock"
    flock 9
    [ -e "$accounts/members" ] || : >"$accounts/members"
}

# Mosquitto opens its files as its own user; where there is none, the one who calls runs it.
accounts_give() {
    if [ "$(id -u)" -eq 0 ] && getent passwd mosquitto >/dev/null; then
        if [ -d "$1" ]; then chown root:mosquitto "$1"; else chown mosquitto: "$1"; fi
    fi
    chmod "$2" "$1"
}

accounts_install() { # NAME, as it is called in $work, too
    accounts_give "$work/$1" 0600
    mv "$work/$1" "$accounts/$1"
}

accounts_check_id() { # WHAT ID
    case "$2" in
    '' | *[!A-Za-z0-9_-]*) fail "'$2' is no $1: use A-Z a-z 0-9 _ -" ;;
    esac
    [ ${#2} -le 64 ] || fail "'$2' is too long: at most 64 characters"
}

# A name stands where ids stand in topics: a word of the tree there would be somebody else's topic.
accounts_check_name() {
    accounts_check_id name "$1"
    if sed -n 's/^topic [a-z]* //p' "$share"/roles/*.acl | tr / '\n' | grep -qxF -e "$1"; then
        fail "'$1' is a word of the topic tree: take another name"
    fi
}

accounts_check_prefix() {
    case "$1" in
    '' | /* | */ | *//* | */*/* | *[!A-Za-z0-9_/-]*) fail "'$1' is no prefix: one or two ids with a slash between" ;;
    esac
}

accounts_check_filter() {
    case "$1" in
    '' | *[[:cntrl:]]*) fail "'$1' is no topic filter" ;;
    esac
}

accounts_kind_of() { # NAME: certificate, password, or nothing
    awk -F '\t' -v name="$1" '$1 == name && $2 != "grants" { print $2 }' "$accounts/members"
}

# Its site, or those of the last member, which most installations have one of.
accounts_default() { # FIELD FALLBACK NAME
    awk -F '\t' -v field="$1" -v value="$2" -v name="$3" '
        $2 != "grants" { if ($1 == name) own = $field; value = $field }
        END { print own != "" ? own : value }' "$accounts/members"
}

# accounts_put NAME KIND ROLES SITE PREFIX DISCOVERY, with lines "read FILTER" in $work/grants
accounts_put() {
    {
        awk -F '\t' -v name="$1" '$1 != name' "$accounts/members"
        printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$@"
        sed "s/^\([a-z]*\) /$1${tab}grants$tab\1$tab/" "$work/grants"
    } >"$work/members"
}

accounts_drop() {
    awk -F '\t' -v name="$1" '$1 != name' "$accounts/members" >"$work/members"
}

# accounts_save: members and the access list that follows from them.
accounts_save() {
    awk -F '\t' -v share="$share" '
        function give(line) { if (!(line in had)) { had[line]; print line } }
        function role(file, m,    line) {
            while ((getline line <file) > 0) {
                if (line !~ /^topic /) continue
                gsub(/[{]site[}]/, m[4], line)
                gsub(/[{]name[}]/, m[1], line)
                gsub(/[{]prefix[}]/, m[5], line)
                gsub(/[{]discovery[}]/, m[6], line)
                give(line)
            }
            close(file)
        }
        BEGIN { print "# Made of members and the roles by edge-add-node and edge-add-user: what is written here is lost." }
        $2 == "grants" { give("topic " $3 " " $4); next }
        {
            print "\nuser " $1
            split("", had)
            split($0, m, "\t")
            count = split($3, names, ",")
            for (i = 1; i <= count; i++) role(share "/roles/" names[i] ".acl", m)
            # How a bridge tells the centre that it is there: mosquitto has its own topic for that.
            if ($3 == "bridge") give("topic write $SYS/broker/connection/" $1 "/state")
        }' "$work/members" >"$work/acl"
    [ -e "$accounts/passwords" ] || { : >"$work/passwords" && accounts_install passwords; }
    accounts_install acl
    mv "$work/members" "$accounts/members" # no business of the broker's
}

accounts_list() {
    awk -F '\t' 'BEGIN { printf "%-24s %-12s %-24s %s\n", "NAME", "BY", "ROLE", "SITE" }
        $2 != "grants" { printf "%-24s %-12s %-24s %s\n", $1, $2, $3, $4 }' "$accounts/members"
}

# The broker reads its files again at SIGHUP; who has lost their name is disconnected then.
accounts_reload() {
    if [ "$accounts" = /etc/mosquitto/edge ] && [ -d /run/systemd/system ] && systemctl -q is-active mosquitto; then
        systemctl reload mosquitto
    else
        echo "the broker must read its files again: systemctl reload mosquitto, or SIGHUP to it"
    fi
}

# What there is to choose from.
accounts_roles() {
    (cd "$share/roles" && for role in *.acl; do printf '%s ' "${role%.acl}"; done)
}

accounts_check_roles() {
    role=''
    for role in $(echo "$1" | tr , ' '); do
        case "$role" in
        *[!a-z]*) fail "'$role' is no role" ;;
        esac
        [ -f "$share/roles/$role.acl" ] || fail "there is no role '$role'; there are: $(accounts_roles)"
    done
    [ -n "$role" ] || fail "which role? There are: $(accounts_roles)"
}
