#include "automation-node/store/device_log.h"

#include "automation-node/store/record_read.h"
#include "tests/unit/cmocka_all.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define T0_US (1795423160 * US_PER_S)

struct fixture {
    char directory[64];
    char path[96];
    struct loop *loop;
    struct device_log *log;
    struct device_log_options options;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    (void)snprintf(f->directory, sizeof(f->directory), "/tmp/test_device_log.XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    (void)snprintf(f->path, sizeof(f->path), "%s/automation.db", f->directory);
    assert_int_equal(loop_new(&f->loop), 0);
    f->options = (struct device_log_options){
        .loop = f->loop, .path = f->path, .node = "auto1", .history_max = 5};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    device_log_free(f->log);
    loop_free(f->loop);
    DIR *directory = opendir(f->directory);
    assert_non_null(directory);
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        char path[512];
        (void)snprintf(path, sizeof(path), "%s/%s", f->directory, entry->d_name);
        (void)unlink(path); /* fails for . and .. */
    }
    (void)closedir(directory);
    assert_int_equal(rmdir(f->directory), 0);
    free(f);
    return 0;
}

static void open_log(struct fixture *f)
{
    assert_int_equal(device_log_new(&f->options, &f->log), 0);
}

static void note(struct fixture *f, const char *target, const char *source, int64_t since_us)
{
    struct device_log_entry entry = {
        .device = "heater", .quality = "good", .ts_us = since_us + 5, .since_us = since_us};
    (void)snprintf(entry.value, sizeof(entry.value), "%s", target);
    (void)snprintf(entry.target, sizeof(entry.target), "%s", target);
    (void)snprintf(entry.source, sizeof(entry.source), "%s", source);
    (void)snprintf(entry.reason, sizeof(entry.reason), "because");
    device_log_note(f->log, &entry);
}

static void run_until_written(struct fixture *f, uint64_t entries)
{
    while (device_log_stats(f->log).written < entries) {
        assert_int_equal(loop_run_once(f->loop, 5 * US_PER_S), 0);
    }
}

static void assert_query(struct fixture *f, const char *sql, const char *expected)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), expected);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void the_newest_state_and_each_decision_are_kept(void **state)
{
    struct fixture *f = *state;
    open_log(f);
    note(f, "ON", "controller:air", T0_US);
    note(f, "ON", "controller:air", T0_US + 3); /* only its confirmation */
    note(f, "OFF", "manual", T0_US + 60 * US_PER_S);
    run_until_written(f, 3);
    assert_query(f, "SELECT group_concat(device || '=' || target) FROM device_states",
                 "heater=OFF");
    assert_query(f, "SELECT group_concat(target || ' by ' || source, ', ') FROM control_history",
                 "ON by controller:air, OFF by manual");
}

static void history_is_bounded(void **state)
{
    struct fixture *f = *state;
    open_log(f);
    for (int i = 0; i < 20; i++) {
        note(f, i % 2 == 0 ? "ON" : "OFF", "rule:blink", T0_US + i * US_PER_S);
    }
    run_until_written(f, 20);
    assert_query(f, "SELECT count(*) FROM control_history", "5");
}

static void another_bound_holds_from_the_next_commit_on(void **state)
{
    struct fixture *f = *state;
    open_log(f);
    for (int i = 0; i < 5; i++) {
        note(f, i % 2 == 0 ? "ON" : "OFF", "rule:blink", T0_US + i * US_PER_S);
    }
    run_until_written(f, 5);
    device_log_keep(f->log, 2);
    note(f, "OFF", "rule:blink", T0_US + 5 * US_PER_S);
    run_until_written(f, 6);
    assert_query(f, "SELECT count(*) FROM control_history", "2");
}

static void what_is_in_memory_is_written_at_the_end(void **state)
{
    struct fixture *f = *state;
    open_log(f);
    note(f, "ON", "manual", T0_US);
    device_log_free(f->log);
    f->log = NULL;
    assert_query(f, "SELECT count(*) FROM control_history", "1");
}

static void without_a_disk_entries_beyond_the_limit_are_counted(void **state)
{
    struct fixture *f = *state;
    f->options.path = "/nonexistent/automation.db";
    open_log(f);
    for (int i = 0; i < 2 * DEVICE_LOG_ENTRIES_MAX; i++) {
        note(f, "ON", "manual", T0_US + i * US_PER_S);
    }
    assert_int_equal(device_log_stats(f->log).dropped, DEVICE_LOG_ENTRIES_MAX);
    while (device_log_stats(f->log).failures == 0) {
        assert_int_equal(loop_run_once(f->loop, 5 * US_PER_S), 0);
    }
    assert_string_not_equal(device_log_fault(f->log), "");
}

struct source {
    const char *data;
    unsigned asked;
    bool final;
};

static void collect(void *context, struct record_batch *records, bool final)
{
    struct source *source = context;
    source->asked++;
    source->final = final;
    if (source->data != NULL) {
        const struct stored_record record = {"device", "heater", 0xFEDCBA9876543210, source->data};
        assert_true(record_batch_add(records, &record));
        source->data = NULL;
    }
}

static void wake_and_wait(struct fixture *f, uint64_t records)
{
    device_log_wake(f->log);
    while (device_log_stats(f->log).records < records) {
        assert_int_equal(loop_run_once(f->loop, 5 * US_PER_S), 0);
    }
}

/* The only record that is read back; "" if there is none. */
static void assert_record(struct fixture *f, const char *data)
{
    struct record_batch records;
    struct stored_record record;
    char error[DATABASE_ERROR_BYTES];
    size_t at = 0;
    record_batch_init(&records);
    assert_int_equal(record_read(f->path, "auto1", &records, error), 0);
    assert_int_equal(records.count, data[0] != '\0' ? 1 : 0);
    if (data[0] != '\0') {
        assert_true(record_batch_next(&records, &at, &record));
        assert_string_equal(record.kind, "device");
        assert_string_equal(record.id, "heater");
        assert_true(record.definition == 0xFEDCBA9876543210);
        assert_string_equal(record.data, data);
    }
    assert_false(record_batch_next(&records, &at, &record));
    record_batch_deinit(&records);
}

static void records_are_collected_replaced_deleted_and_read_back(void **state)
{
    struct fixture *f = *state;
    struct source source = {.data = "{\"a\":1}"};
    f->options.collect = collect;
    f->options.context = &source;
    assert_record(f, "");
    open_log(f);
    wake_and_wait(f, 1);
    assert_record(f, "{\"a\":1}");
    source.data = "{\"a\":2}";
    wake_and_wait(f, 2);
    assert_record(f, "{\"a\":2}");
    source.data = "";
    wake_and_wait(f, 3);
    assert_record(f, "");
    assert_false(source.final);
    source.data = "{\"a\":3}"; /* the end asks once more */
    device_log_free(f->log);
    f->log = NULL;
    assert_true(source.final);
    assert_record(f, "{\"a\":3}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_newest_state_and_each_decision_are_kept, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(history_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_bound_holds_from_the_next_commit_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_in_memory_is_written_at_the_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(records_are_collected_replaced_deleted_and_read_back,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_disk_entries_beyond_the_limit_are_counted, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("device_log", tests, NULL, NULL);
}
