/*
 * The roles of topics/role.h as files for broker-config/roles/: acl_roles ROLE prints one,
 * acl_roles alone their names.
 */
#include "topics/role.h"

#include <stdio.h>

static void print_right(void *context, enum role_right right, const char *topic)
{
    (void)context;
    printf("topic %s %s\n", right == ROLE_READ ? "read" : "write", topic);
}

int main(int argc, char **argv)
{
    enum role role;
    if (argc == 1) {
        for (int i = 0; i < ROLE_COUNT; i++) {
            printf("%s\n", role_name((enum role)i));
        }
        return 0;
    }
    if (argc > 2 || !role_from_name(argv[1], &role)) {
        (void)fprintf(stderr, "usage: acl_roles [ROLE]\n");
        return 2;
    }
    printf("# %s\n", role_purpose(role));
    printf("# Made from topics/role.c, which is where to change it: "
           "test_acl_roles.py --write\n");
    role_for_each_right(role, print_right, NULL);
    return 0;
}
