#include "edgeq_text.h"

#include "edgeq_adaptor.h"
#include "edgeq_link.h"
#include "edgeq_link_config.h"
#include "edgeq_port.h"
#include "edgeq_print.h"
#include "edgeq_runtime.h"
#include "edgeq_say.h"
#include "edgeq_session.h"

#if EDGEQ_LINK_FRAMES
#include "edgeq_bulk.h"
#endif
#include "edgeq_source.h"

#ifndef EDGEQ_BUILD_HASH
#define EDGEQ_BUILD_HASH "unknown"
#endif

enum { COMMAND_BYTES = 80, CTRL_C = 3 };

static char command[COMMAND_BYTES + 1];

static void pair(const char *key, const char *value)
{
    edgeq_print_char(' ');
    edgeq_print(key);
    edgeq_print_char('=');
    edgeq_print(value);
}

static void pair_number(const char *key, uint32_t value)
{
    pair(key, "");
    edgeq_print_number(value);
}

static void name(const char *rest)
{
    (void)rest;
    edgeq_line("m-name-dut-[edgeq]", "", "");
}

static void profile(const char *rest)
{
    (void)rest;
    edgeq_print("m-profile-[edgeq");
    pair_number("link", EDGEQ_LINK_FRAMES ? EDGEQ_LINK_VERSION : 0u);
    pair("runtime", edgeq_runtime_name);
    pair("model", "");
    for (uint32_t i = 0; i < 16u && edgeq_model_hash[i] != '\0'; ++i) {
        edgeq_print_char(edgeq_model_hash[i]);
    }
    pair("build", EDGEQ_BUILD_HASH);
    pair("counter", edgeq_port_counter_unit);
    pair_number("hz", edgeq_port_hz);
    pair_number("arena", edgeq_arena_bytes);
    pair_number("state", edgeq_state_bytes);
    pair_number("stack", edgeq_stack_size());
    pair_number("chunk", EDGEQ_LINK_CHUNK);
    pair_number("buffer", EDGEQ_LINK_BUFFER);
    pair("time", EDGEQ_LINK_SIMULATED ? "simulated" : "real");
    edgeq_print_char(']');
    edgeq_print_end();
    edgeq_line("m-model-[", edgeq_adaptor_model(), "]");
}

static void timestamp(void)
{
    edgeq_print("m-lap-us-");
    edgeq_print_number(edgeq_port_micros());
    edgeq_print_end();
}

/* A decimal number after spaces; moves *text behind it. 0 when there is none, or one beyond 32 bits. */
static int number(const char **text, uint32_t *value)
{
    const char *next = *text;
    uint32_t sum = 0;
    while (*next == ' ') {
        ++next;
    }
    const char *first = next;
    for (; *next >= '0' && *next <= '9'; ++next) {
        const uint32_t digit = (uint32_t)(*next - '0');
        if (sum > (UINT32_MAX - digit) / 10u) {
            return 0;
        }
        sum = sum * 10u + digit;
    }
    *text = next;
    *value = sum;
    return next != first;
}

/* Whether text begins with the word; if so, moves it behind the word and the spaces that follow. */
static int word(const char **text, const char *expected)
{
    const char *next = *text;
    while (*expected != '\0') {
        if (*next++ != *expected++) {
            return 0;
        }
    }
    if (*next != '\0' && *next != ' ') {
        return 0;
    }
    while (*next == ' ') {
        ++next;
    }
    *text = next;
    return 1;
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

static void load(const char *rest)
{
    const uint32_t expected = edgeq_adaptor_bytes();
    uint32_t given;
    if (!number(&rest, &given) || *rest != '\0' || given != expected) {
        edgeq_print("e-[the input takes ");
        edgeq_print_number(expected);
        edgeq_print(" bytes]");
    } else {
        edgeq_adaptor_begin();
        edgeq_print("m-[Expecting ");
        edgeq_print_number(expected);
        edgeq_print(" bytes]");
    }
    edgeq_print_end();
}

static void bytes(const char *hex)
{
    uint32_t digits = 0;
    for (; nibble(hex[digits]) >= 0; ++digits) {
    }
    if (hex[digits] != '\0' || digits % 2u != 0u) {
        edgeq_say_error("not pairs of hexadecimal digits");
    } else if (digits / 2u > edgeq_adaptor_missing()) {
        edgeq_say_error("more bytes than db load announced");
    } else {
        for (uint32_t i = 0; i < digits; i += 2u) {
            edgeq_adaptor_put((uint8_t)(nibble(hex[i]) << 4 | nibble(hex[i + 1u])));
        }
        if (edgeq_adaptor_missing() == 0u) {
            edgeq_line("m-load-done", "", "");
        }
    }
}

static void print_inputs(void)
{
    if (!edgeq_session_is_loaded()) {
        edgeq_say_error("no input is loaded, or a run has used it");
        return;
    }
    for (uint32_t i = 0; i < edgeq_input_count(); ++i) {
        const uint8_t *data = edgeq_source(i)->data;
        const uint32_t n = edgeq_source(i)->bytes;
        for (uint32_t at = 0; at < n; ++at) {
            if (at % 32u == 0u) {
                edgeq_print("m-buffer-[");
            }
            edgeq_print_hex_byte(data[at]);
            if (at % 32u == 31u || at + 1u == n) {
                edgeq_print_char(']');
                edgeq_print_end();
            }
        }
    }
}

static void db(const char *rest)
{
    if (word(&rest, "load")) {
        load(rest);
    } else if (word(&rest, "print")) {
        print_inputs();
    } else if (*rest != '\0') {
        bytes(rest);
    } else {
        edgeq_say_error("db load N, db HEX or db print");
    }
}

static void results(const char *rest)
{
    (void)rest;
    if (!edgeq_adaptor_has_results()) {
        edgeq_say_error("no results: load an input and infer");
        return;
    }
    edgeq_print("m-results-[");
    edgeq_adaptor_print_results();
    edgeq_print_char(']');
    edgeq_print_end();
}

static void count_line(const char *text, uint32_t count)
{
    edgeq_print(text);
    edgeq_print_number(count);
    edgeq_print_end();
}

/* Whether '%' or Ctrl-C has come since: nobody who waits for an answer sends either. Line ends mean nothing. */
static int stopped(void)
{
    int byte, is_stopped = 0;
    while ((byte = edgeq_port_read()) >= 0) {
        is_stopped |= byte == '%' || byte == CTRL_C;
    }
    return is_stopped;
}

/* The first run after a load has the input, and its results are kept: a run may overwrite the input, so those that
 * follow are good for their time only. */
static void infer(const char *rest)
{
    uint32_t runs = 1, warm = 0;
    int failure = 0, is_aborted = 0;
    const int has_runs = *rest == '\0' || number(&rest, &runs), has_warm = *rest == '\0' || number(&rest, &warm);
    if (!has_runs || !has_warm || *rest != '\0' || runs == 0u) {
        edgeq_say_error("infer RUNS WARM-UPS");
        return;
    }
    if (!edgeq_session_is_loaded() && !edgeq_adaptor_has_results()) {
        edgeq_say_error("load an input first: db load N, then db HEX");
        return;
    }
    count_line("m-warmup-start-", warm);
    for (; warm > 0u && failure == 0 && !is_aborted; --warm) {
        failure = edgeq_adaptor_run();
        is_aborted = stopped();
    }
    edgeq_line("m-warmup-done", "", "");
    count_line("m-infer-start-", runs);
#if EDGEQ_LINK_SIMULATED
    edgeq_say("simulated time");
#endif
    timestamp();
    for (uint32_t i = 0; i < runs && failure == 0 && !is_aborted; ++i) {
        failure = edgeq_adaptor_run();
        is_aborted = i + 1u < runs && stopped();
    }
    timestamp();
    edgeq_line("m-infer-done", "", "");
    if (is_aborted) {
        edgeq_say_error("infer was stopped");
    } else if (failure != 0) {
        edgeq_say_error("the runtime failed to run the model");
    } else {
        results("");
    }
}

static void reset(const char *rest)
{
    (void)rest;
    edgeq_adaptor_forget();
    if (edgeq_session_reset() != 0) {
        edgeq_say_error("the runtime failed to reset");
    } else {
        edgeq_line("m-reset-done", "", "");
    }
}

static void model(const char *rest)
{
    const char *problem = edgeq_adaptor_select(rest);
    if (problem != 0) {
        edgeq_say_error(problem);
    } else {
        edgeq_line("m-model-[", edgeq_adaptor_model(), "]");
    }
}

static void help(const char *rest)
{
    (void)rest;
    edgeq_say("name, profile, timestamp, help");
    edgeq_say("model ad01, ic01, kws01 or vww01: input as MLPerf Tiny's runner sends it");
    edgeq_say("db load N, then db HEX: input; db print");
    edgeq_say("infer RUNS WARM-UPS; results");
    edgeq_say("reset: forget what the model keeps");
#if EDGEQ_LINK_FRAMES
    edgeq_say("bulk: edgeq's frames");
#endif
}

static void stamp(const char *rest)
{
    (void)rest;
    timestamp();
}

#if EDGEQ_LINK_FRAMES
static void bulk(const char *rest)
{
    (void)rest;
    count_line("m-bulk-", EDGEQ_LINK_VERSION);
    edgeq_say_ready();
    edgeq_adaptor_forget();
    edgeq_bulk_serve();
}
#endif

static void execute(void)
{
    static const struct {
        const char *word;
        void (*run)(const char *rest);
        uint8_t is_silent; /* says m-ready itself, or has left text mode */
    } commands[] = {
        {"name", name, 0}, {"profile", profile, 0}, {"timestamp", stamp, 0}, {"db", db, 0},     {"infer", infer, 0},
        {"results", results, 0}, {"model", model, 0}, {"reset", reset, 0},     {"help", help, 0},
#if EDGEQ_LINK_FRAMES
        {"bulk", bulk, 1},
#endif
    };
    const char *rest = command;
    for (uint32_t i = 0; i < sizeof commands / sizeof commands[0]; ++i) {
        if (word(&rest, commands[i].word)) {
            commands[i].run(rest);
            if (!commands[i].is_silent) {
                edgeq_say_ready();
            }
            return;
        }
    }
    edgeq_say_error("unknown command; help% lists them");
    edgeq_say_ready();
}

void edgeq_text_serve(void)
{
    uint32_t n = 0;
    int overflow = 0;
    for (;;) {
        const int received = edgeq_link_receive(n > 0u || overflow ? EDGEQ_LINK_GONE : EDGEQ_LINK_FOR_EVER);
        const char c = (char)received;
        if (received < 0) { /* half a command is nobody's any more */
            n = 0;
            overflow = 0;
        } else if (c == '%') {
            command[n] = '\0';
            if (overflow) {
                overflow = 0; /* was answered when it happened */
            } else if (n > 0u) {
                execute();
            }
            n = 0;
        } else if (c == '\r' || c == '\n' || overflow) {
            continue; /* a terminal's line ends mean nothing */
        } else if (n == COMMAND_BYTES) {
            overflow = 1;
            edgeq_say_error("the command is longer than 80 bytes");
            edgeq_say_ready();
        } else {
            command[n++] = c;
        }
    }
}
