/* Folders of tests, with all that is in them. */
#ifndef EDGE_TESTS_TEST_FOLDER_H
#define EDGE_TESTS_TEST_FOLDER_H

/* All files and folders of `from`, into `to`, which is there. 0 or -errno. */
int test_folder_copy(const char *from, const char *to);

void test_folder_remove(const char *path);

#endif
