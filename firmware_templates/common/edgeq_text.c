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

/* A command gives null, or its problem: one of these, or a text. */
static const char problems[2];
#define USAGE (&problems[0])
#define SILENT (&problems[1]) /* none, but m-ready is said already, or text mode was left */

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)
#if EDGEQ_LINK_FRAMES
#define LINK TEXT(EDGEQ_LINK_VERSION)
#else
#define LINK "0"
#endif
#if EDGEQ_LINK_SIMULATED
#define TIME "simulated"
#else
#define TIME "real"
#endif

static void pair(const char *key, const char *value)
{
    edgeq_print(key);
    edgeq_print(value);
}

static void pair_number(const char *key, uint32_t value)
{
    edgeq_print(key);
    edgeq_print_number(value);
}

static const char *name(const char *rest)
{
    (void)rest;
    edgeq_print_line("m-name-dut-[edgeq]");
    return 0;
}

static void say_model(void)
{
    edgeq_line("m-model-[", edgeq_adaptor_model());
}

static const char *profile(const char *rest)
{
    (void)rest;
    pair("m-profile-[edgeq link=" LINK " time=" TIME " build=" EDGEQ_BUILD_HASH " runtime=", edgeq_runtime_name);
    pair(" model=", edgeq_model_hash);
    pair(" counter=", edgeq_port_counter_unit);
    pair_number(" hz=", edgeq_port_hz);
    pair_number(" arena=", edgeq_arena_bytes);
    pair_number(" state=", edgeq_state_bytes);
    pair_number(" stack=", edgeq_stack_size());
    pair_number(" chunk=", EDGEQ_LINK_CHUNK);
    pair_number(" buffer=", EDGEQ_LINK_BUFFER);
    edgeq_print_line("]");
    say_model();
    return 0;
}

static void count_line(const char *text, uint64_t count)
{
    edgeq_print(text);
    edgeq_print_number(count);
    edgeq_print_line("");
}

static const char *timestamp(const char *rest)
{
    (void)rest;
    count_line("m-lap-us-", edgeq_port_micros());
    return 0;
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

/* Whether text begins with the first word of what is expected; if so, moves it behind that and the spaces there. */
static int word(const char **text, const char *expected)
{
    const char *next = *text;
    while (*expected > ' ') {
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
    const int letter = (c | 0x20) - 'a'; /* of either case */
    return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

static void load(const char *rest)
{
    const uint32_t expected = edgeq_adaptor_bytes();
    uint32_t given;
    const int is_right = number(&rest, &given) && *rest == '\0' && given == expected;
    if (is_right) {
        edgeq_adaptor_begin();
    }
    pair_number(is_right ? "m-[Expecting " : "e-[the input takes ", expected);
    edgeq_print_line(" bytes]");
}

static const char *bytes(const char *hex)
{
    uint32_t digits = 0;
    for (; nibble(hex[digits]) >= 0; ++digits) {
    }
    if (hex[digits] != '\0' || digits % 2u != 0u) {
        return "not pairs of hexadecimal digits";
    }
    if (digits / 2u > edgeq_adaptor_missing()) {
        return "more bytes than db load announced";
    }
    for (uint32_t i = 0; i < digits; i += 2u) {
        edgeq_adaptor_put((uint8_t)(nibble(hex[i]) << 4 | nibble(hex[i + 1u])));
    }
    if (edgeq_adaptor_missing() == 0u) {
        edgeq_print_line("m-load-done");
    }
    return 0;
}

static const char no_input[] = "load an input first";

static const char *print_inputs(void)
{
    if (!edgeq_session_is_loaded()) {
        return no_input;
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
                edgeq_print_line("]");
            }
        }
    }
    return 0;
}

static const char *db(const char *rest)
{
    if (word(&rest, "load")) {
        load(rest);
        return 0;
    }
    if (word(&rest, "print")) {
        return print_inputs();
    }
    return *rest != '\0' ? bytes(rest) : USAGE;
}

static const char *results(const char *rest)
{
    (void)rest;
    if (!edgeq_adaptor_has_results()) {
        return "no results: load an input and infer";
    }
    edgeq_print("m-results-[");
    edgeq_adaptor_print_results();
    edgeq_print_line("]");
    return 0;
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
static const char *repeat(uint32_t runs, int is_last)
{
    while (runs > 0u) {
        if (edgeq_adaptor_run() != 0) {
            return "the runtime failed to run the model";
        }
        --runs;
        if ((runs > 0u || !is_last) && stopped()) {
            return "infer was stopped";
        }
    }
    return 0;
}

static const char *infer(const char *rest)
{
    uint32_t runs = 1, warm = 0;
    const int has_runs = *rest == '\0' || number(&rest, &runs), has_warm = *rest == '\0' || number(&rest, &warm);
    if (!has_runs || !has_warm || *rest != '\0' || runs == 0u) {
        return USAGE;
    }
    if (!edgeq_session_is_loaded() && !edgeq_adaptor_has_results()) {
        return no_input;
    }
    count_line("m-warmup-start-", warm);
    const char *problem = repeat(warm, 0);
    edgeq_print_line("m-warmup-done");
    count_line("m-infer-start-", runs);
#if EDGEQ_LINK_SIMULATED
    edgeq_say("simulated time");
#endif
    timestamp(rest);
    problem = problem != 0 ? problem : repeat(runs, 1);
    timestamp(rest);
    edgeq_print_line("m-infer-done");
    return problem != 0 ? problem : results(rest);
}

static const char *reset(const char *rest)
{
    (void)rest;
    edgeq_adaptor_forget();
    if (edgeq_session_reset() != 0) {
        return "the runtime failed to reset";
    }
    edgeq_print_line("m-reset-done");
    return 0;
}

static const char *model(const char *rest)
{
    const char *problem = *rest == '\0' ? USAGE : edgeq_adaptor_select(rest);
    if (problem == 0) {
        say_model();
    }
    return problem;
}

#if EDGEQ_LINK_FRAMES
static const char *bulk(const char *rest)
{
    (void)rest;
    edgeq_print_line("m-bulk-" LINK);
    edgeq_say_ready();
    edgeq_adaptor_forget();
    edgeq_bulk_serve();
    return SILENT;
}
#endif

static const char *help(const char *rest);

static const struct {
    const char *usage; /* the first word is the command */
    const char *(*run)(const char *rest);
} commands[] = {
    {"name", name},
    {"profile", profile},
    {"timestamp", timestamp},
    {"model NAME", model},
    {"db load N, db HEX or db print", db},
    {"infer RUNS WARM-UPS", infer},
    {"results", results},
    {"reset", reset},
    {"help", help},
#if EDGEQ_LINK_FRAMES
    {"bulk", bulk},
#endif
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static const char *help(const char *rest)
{
    (void)rest;
    for (uint32_t i = 0; i < COMMANDS; ++i) {
        edgeq_say(commands[i].usage);
    }
    return 0;
}

static void execute(void)
{
    const char *problem = "unknown command; help% lists them", *rest = command;
    for (uint32_t i = 0; i < COMMANDS; ++i) {
        if (word(&rest, commands[i].usage)) {
            problem = commands[i].run(rest);
            problem = problem == USAGE ? commands[i].usage : problem;
            break;
        }
    }
    if (problem == SILENT) {
        return;
    }
    if (problem != 0) {
        edgeq_say_error(problem);
    }
    edgeq_say_ready();
}

void edgeq_text_serve(void)
{
    uint32_t n = 0; /* more than COMMAND_BYTES: too long, and answered when that happened */
    for (;;) {
        const int received = edgeq_link_receive(n > 0u ? EDGEQ_LINK_GONE : EDGEQ_LINK_FOR_EVER);
        const char c = (char)received;
        if (received < 0) { /* half a command is nobody's any more */
            n = 0;
        } else if (c == '%') {
            if (n > 0u && n <= COMMAND_BYTES) {
                command[n] = '\0';
                execute();
            }
            n = 0;
        } else if (c == '\r' || c == '\n' || n > COMMAND_BYTES) {
            continue; /* a terminal's line ends mean nothing */
        } else if (n == COMMAND_BYTES) {
            ++n;
            edgeq_say_error("the command is longer than 80 bytes");
            edgeq_say_ready();
        } else {
            command[n++] = c;
        }
    }
}
