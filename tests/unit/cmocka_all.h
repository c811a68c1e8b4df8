/* cmocka needs these four before itself; every unit test includes this instead. */
#ifndef EDGE_TESTS_UNIT_CMOCKA_ALL_H
#define EDGE_TESTS_UNIT_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
