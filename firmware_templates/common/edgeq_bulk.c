/* Frames, little-endian:
 *
 *   0  magic 0xEC 0x51   2  type, and above its four bits how often it was sent   3  index, or status in an answer
 *   4  number (16 bits)   6  payload length (16)   8  argument (32)   12  CRC-32 of bytes 0 to 11
 *  16  payload, then its CRC-32 begun from the header's; both only where the length is not 0
 *
 * Requests are handled one after another; the host may have sent more of them, which wait in the port. A request that
 * begins something has a newer number than the last one that was done. One that goes on with what that began has the
 * next number. The last one's number again means that its answer was lost: it is sent again, and nothing runs again. */
#include "edgeq_bulk.h"

#include "edgeq_crc.h"
#include "edgeq_link.h"
#include "edgeq_link_config.h"
#include "edgeq_port.h"
#include "edgeq_runtime.h"
#include "edgeq_session.h"
#include "edgeq_source.h"

enum { MAGIC_0 = 0xEC, MAGIC_1 = 0x51, ESCAPE = '%' };
enum { TYPE = 2, INDEX = 3, NUMBER = 4, LENGTH = 6, ARGUMENT = 8, HEADER_CRC = 12, HEADER_BYTES = 16 };
enum { INFO = 1, DESCRIBE = 2, LOAD = 3, RUN = 4, READ = 5, EXIT = 6, RESET = 7, INFER = 8, KIND = 0x0F, ANSWER = 0x80, NAK = 0xFF };
enum { OK = 0, OUT_OF_ORDER = 1, DAMAGED = 2, BAD_REQUEST = 3, NOT_LOADED = 4, RUN_FAILED = 5 };
/* A damaged frame may be all escapes but for its first bytes: its two CRCs and its payload. */
enum { MOST_ESCAPES = EDGEQ_LINK_CHUNK + 8 };
enum { MEASURE = 1, FIRST_STEP = 2, INFO_BYTES = 24, COST_BYTES = 16, NEWEST = 0x7FFF };

static uint32_t last; /* the number of the last request that was done */
static uint32_t crc_out;
static uint8_t cost_bytes[COST_BYTES]; /* of the last run: it cannot be found again */

static uint32_t get16(const uint8_t *from)
{
    return from[0] | (uint32_t)from[1] << 8;
}

static uint32_t get32(const uint8_t *from)
{
    return get16(from) | get16(from + 2) << 16;
}

static void put16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *to, uint32_t value)
{
    put16(to, value);
    put16(to + 2, value >> 16);
}

static void send(const void *data, uint32_t n)
{
    crc_out = edgeq_crc32(crc_out, data, n);
    edgeq_port_write(data, n);
}

/* The header of an answer with n bytes of payload, which are sent next, and ended. */
static void begin(const uint8_t *request, uint32_t status, uint32_t n)
{
    const int is_refused = status == DAMAGED || status == OUT_OF_ORDER;
    uint8_t header[HEADER_BYTES];
    header[0] = MAGIC_0;
    header[1] = MAGIC_1;
    header[TYPE] = (uint8_t)(status == DAMAGED ? (uint32_t)NAK : request[TYPE] | (uint32_t)ANSWER);
    header[INDEX] = (uint8_t)status;
    put16(header + NUMBER, get16(request + NUMBER));
    put16(header + LENGTH, n);
    put32(header + ARGUMENT, is_refused ? last : get32(request + ARGUMENT));
    crc_out = edgeq_crc32(0, header, HEADER_CRC);
    put32(header + HEADER_CRC, crc_out);
    edgeq_port_write(header, sizeof header);
}

static void end(void)
{
    uint8_t trailer[4];
    put32(trailer, crc_out);
    edgeq_port_write(trailer, sizeof trailer);
}

static void answer(const uint8_t *request, uint32_t status, const uint8_t *payload, uint32_t n)
{
    begin(request, status, n);
    if (n > 0u) {
        send(payload, n);
        end();
    }
}

/* n bytes of a frame; 0 when they stop coming. */
static int take(uint8_t *to, uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i) {
        const int byte = edgeq_link_receive(EDGEQ_LINK_PAUSE);
        if (byte < 0) {
            return 0;
        }
        to[i] = (uint8_t)byte;
    }
    return 1;
}

/* Skips to the next magic. 0 when the host asks for text mode instead, or is gone. */
static int hunt(void)
{
    uint32_t escapes = 0;
    int before = 0, byte = 0;
    while (before != MAGIC_0 || byte != MAGIC_1) {
        before = byte;
        byte = edgeq_link_receive(EDGEQ_LINK_GONE);
        escapes = byte == ESCAPE ? escapes + 1u : 0u;
        if (byte < 0 || escapes > MOST_ESCAPES) {
            return 0;
        }
    }
    return 1;
}

/* Takes what follows the magic; whether it is a header. */
static int receive_header(uint8_t *header)
{
    header[0] = MAGIC_0;
    header[1] = MAGIC_1;
    return take(header + 2, HEADER_BYTES - 2u) && edgeq_crc32(0, header, HEADER_CRC) == get32(header + HEADER_CRC) &&
           get16(header + LENGTH) <= EDGEQ_LINK_CHUNK;
}

/* Takes the payload, to nowhere where `to` is null. Whether it came whole. */
static int receive_payload(const uint8_t *header, uint8_t *to)
{
    uint32_t crc = get32(header + HEADER_CRC);
    uint8_t byte, trailer[4];
    const uint32_t n = get16(header + LENGTH);
    for (uint32_t i = 0; i < n; ++i) {
        if (!take(&byte, 1)) {
            return 0;
        }
        if (to != 0) {
            to[i] = byte;
        }
        crc = edgeq_crc32(crc, &byte, 1);
    }
    return n == 0u || (take(trailer, sizeof trailer) && crc == get32(trailer));
}

static void info(const uint8_t *request)
{
    uint8_t payload[INFO_BYTES];
    put32(payload, edgeq_stack_size());
    put32(payload + 4, edgeq_stack_high_water());
    put32(payload + 8, edgeq_arena_bytes);
    put32(payload + 12, edgeq_input_count());
    put32(payload + 16, edgeq_output_count());
    put32(payload + 20, edgeq_state_bytes);
    answer(request, edgeq_session_is_started() ? OK : RUN_FAILED, payload, sizeof payload);
}

static void describe(const uint8_t *request)
{
    const uint32_t index = request[INDEX], is_output = get32(request + ARGUMENT);
    if (is_output > 1u || index >= (is_output ? edgeq_output_count() : edgeq_input_count())) {
        answer(request, BAD_REQUEST, 0, 0);
        return;
    }
    const edgeq_tensor *tensor = is_output ? edgeq_output(index) : edgeq_source(index);
    uint8_t payload[8];
    put32(payload, tensor->bytes);
    put32(payload + 4, tensor->type);
    answer(request, OK, payload, sizeof payload);
}

static void read_output(const uint8_t *request)
{
    const uint32_t index = request[INDEX], offset = get32(request + ARGUMENT);
    const uint8_t *first = edgeq_session_output(index, offset, 1);
    if (first == 0) {
        answer(request, NOT_LOADED, 0, 0);
        return;
    }
    const uint32_t left = edgeq_output(index)->bytes - offset;
    answer(request, OK, first, left < EDGEQ_LINK_CHUNK ? left : EDGEQ_LINK_CHUNK);
}

static uint32_t run(uint32_t argument)
{
    edgeq_run_cost cost;
    if (!edgeq_session_is_loaded()) {
        return NOT_LOADED;
    }
#if EDGEQ_STEPWISE
    edgeq_step = argument >= FIRST_STEP ? argument - FIRST_STEP : EDGEQ_NO_STEP;
#else
    if (argument >= FIRST_STEP) {
        return BAD_REQUEST;
    }
#endif
    if (edgeq_session_run(argument == MEASURE, &cost) != 0) {
        return RUN_FAILED;
    }
#if EDGEQ_STEPWISE
    cost.count = argument >= FIRST_STEP ? edgeq_step_count : cost.count;
#endif
    put32(cost_bytes, (uint32_t)cost.count);
    put32(cost_bytes + 4, (uint32_t)(cost.count >> 32));
    put32(cost_bytes + 8, (uint32_t)cost.micros);
    put32(cost_bytes + 12, (uint32_t)(cost.micros >> 32));
    return OK;
}

/* What INFER answers with: cost, then all outputs; beyond a frame's payload where they do not fit. */
static uint32_t inferred_bytes(void)
{
    uint32_t bytes = COST_BYTES;
    for (uint32_t i = 0; i < edgeq_output_count(); ++i) {
        const uint32_t n = edgeq_output(i)->bytes;
        bytes = n > EDGEQ_LINK_CHUNK - bytes ? EDGEQ_LINK_CHUNK : bytes + n;
    }
    return bytes;
}

/* Also when it is asked for again: then a damaged frame may have begun the next input over the outputs. */
static void answer_inferred(const uint8_t *request, uint32_t status)
{
    if (status == OK && edgeq_session_output(0, 0, 0) == 0) {
        status = NOT_LOADED;
    }
    if (status != OK) {
        answer(request, status, 0, 0);
        return;
    }
    begin(request, OK, inferred_bytes());
    send(cost_bytes, COST_BYTES);
    for (uint32_t i = 0; i < edgeq_output_count(); ++i) {
        send(edgeq_output(i)->data, edgeq_output(i)->bytes);
    }
    end();
}

/* Loads what was received to `to`, which is null where it has no place there. */
static uint32_t load(const uint8_t *to, uint32_t n)
{
    if (to == 0) {
        return BAD_REQUEST;
    }
    edgeq_session_loaded(n);
    return OK;
}

static uint32_t infer(const uint8_t *to, uint32_t n)
{
    if (inferred_bytes() >= EDGEQ_LINK_CHUNK) {
        return BAD_REQUEST;
    }
    const uint32_t status = load(to, n);
    return status == OK ? run(0) : status;
}

/* Whether a request goes on with what the last one began: then one that was lost in between must not be missed. */
static int goes_on(const uint8_t *header)
{
    switch (header[TYPE] & KIND) {
    case LOAD:
    case INFER:
        return header[INDEX] != 0u || get32(header + ARGUMENT) != 0u;
    case RUN:
    case READ:
        return 1;
    default:
        return 0;
    }
}

void edgeq_bulk_serve(void)
{
    uint8_t header[HEADER_BYTES] = {0};
    uint32_t last_type = 0, status = OK;
    last = 0;
    edgeq_session_rewind();
    while (hunt()) {
        if (!receive_header(header)) {
            answer(header, DAMAGED, 0, 0);
            continue;
        }
        const uint32_t n = get16(header + LENGTH), number = get16(header + NUMBER), type = header[TYPE] & KIND;
        const int is_again = number == last && type == last_type;
        const uint32_t steps = (number - last) & 0xFFFFu;
        const int is_refused = !is_again && (steps == 0u || steps > (goes_on(header) ? 1u : NEWEST));
        uint8_t *to = 0;
        if (!is_again && !is_refused && (type == LOAD || type == INFER)) {
            to = edgeq_session_place(header[INDEX], get32(header + ARGUMENT), n);
        }
        if (!receive_payload(header, to)) {
            answer(header, DAMAGED, 0, 0);
            continue;
        }
        if (is_refused) {
            answer(header, OUT_OF_ORDER, 0, 0);
            continue;
        }
        last = number;
        last_type = type;
        switch (type) {
        case INFO:
            info(header);
            break;
        case DESCRIBE:
            describe(header);
            break;
        case LOAD:
            status = is_again ? status : load(to, n);
            answer(header, status, 0, 0);
            break;
        case RUN:
            status = is_again ? status : run(get32(header + ARGUMENT));
            answer(header, status, cost_bytes, status == OK ? sizeof cost_bytes : 0u);
            break;
        case INFER:
            status = is_again ? status : infer(to, n);
            answer_inferred(header, status);
            break;
        case READ:
            read_output(header);
            break;
        case RESET:
            status = is_again ? status : edgeq_session_reset() == 0 ? OK : RUN_FAILED;
            answer(header, status, 0, 0);
            break;
        case EXIT:
            answer(header, OK, 0, 0);
            return;
        default:
            answer(header, BAD_REQUEST, 0, 0);
            break;
        }
    }
}
