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
enum { INFO = 1, DESCRIBE = 2, LOAD = 3, RUN = 4, READ = 5, EXIT = 6, RESET = 7, INFER = 8, KIND = 0x0F, ANSWER = 0x80, NAK = 0xFF };
enum { OK = 0, OUT_OF_ORDER = 1, DAMAGED = 2, BAD_REQUEST = 3, NOT_LOADED = 4, RUN_FAILED = 5 };
/* A damaged frame may be all escapes but for its first bytes: its two CRCs and its payload. */
enum { MOST_ESCAPES = EDGEQ_LINK_CHUNK + 8 };
enum { MEASURE = 1, FIRST_STEP = 2, COST_WORDS = 4, NEWEST = 0x7FFF };

/* Every core here is little-endian, as frames are. */
typedef struct {
    uint8_t magic_0, magic_1, type, index;
    uint16_t number, length;
    uint32_t argument, crc;
} frame_header;

enum { CHECKED_BYTES = sizeof(frame_header) - 4, MAGIC_BYTES = 2 };

static uint32_t last; /* the number of the last request that was done */
static uint32_t crc_out;
static uint32_t cost_words[COST_WORDS]; /* of the last run: it cannot be found again */

static void send(const void *data, uint32_t n)
{
    crc_out = edgeq_crc32(crc_out, data, n);
    edgeq_port_write(data, n);
}

/* The header of an answer with n bytes of payload, which are sent next, and ended. */
static void begin(const frame_header *request, uint32_t status, uint32_t n)
{
    frame_header header = *request;
    header.magic_0 = MAGIC_0;
    header.magic_1 = MAGIC_1;
    header.type = (uint8_t)(status == DAMAGED ? (uint32_t)NAK : header.type | (uint32_t)ANSWER);
    header.index = (uint8_t)status;
    header.length = (uint16_t)n;
    if (status == DAMAGED || status == OUT_OF_ORDER) {
        header.argument = last;
    }
    crc_out = edgeq_crc32(0, &header, CHECKED_BYTES);
    header.crc = crc_out;
    edgeq_port_write((const uint8_t *)&header, sizeof header);
}

static void end(void)
{
    edgeq_port_write((const uint8_t *)&crc_out, sizeof crc_out);
}

static void answer(const frame_header *request, uint32_t status, const void *payload, uint32_t n)
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
static int receive_header(frame_header *header)
{
    header->magic_0 = MAGIC_0;
    header->magic_1 = MAGIC_1;
    return take((uint8_t *)header + MAGIC_BYTES, sizeof *header - MAGIC_BYTES) &&
           edgeq_crc32(0, header, CHECKED_BYTES) == header->crc && header->length <= EDGEQ_LINK_CHUNK;
}

/* Takes the payload, to nowhere where `to` is null. Whether it came whole. */
static int receive_payload(const frame_header *header, uint8_t *to)
{
    uint32_t crc = header->crc, trailer;
    uint8_t byte;
    for (uint32_t n = header->length; n > 0u; --n) {
        if (!take(&byte, 1)) {
            return 0;
        }
        if (to != 0) {
            *to++ = byte;
        }
        crc = edgeq_crc32(crc, &byte, 1);
    }
    return header->length == 0u || (take((uint8_t *)&trailer, sizeof trailer) && crc == trailer);
}

static void info(const frame_header *request)
{
    const uint32_t payload[] = {edgeq_stack_size(),   edgeq_stack_high_water(), edgeq_arena_bytes,
                                edgeq_input_count(), edgeq_output_count(),     edgeq_state_bytes};
    answer(request, edgeq_session_is_started() ? OK : RUN_FAILED, payload, sizeof payload);
}

static void describe(const frame_header *request)
{
    const uint32_t index = request->index, is_output = request->argument;
    if (is_output > 1u || index >= (is_output ? edgeq_output_count() : edgeq_input_count())) {
        answer(request, BAD_REQUEST, 0, 0);
        return;
    }
    const edgeq_tensor *tensor = is_output ? edgeq_output(index) : edgeq_source(index);
    const uint32_t payload[] = {tensor->bytes, tensor->type};
    answer(request, OK, payload, sizeof payload);
}

static void read_output(const frame_header *request)
{
    const uint32_t index = request->index, offset = request->argument;
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
    cost_words[0] = (uint32_t)cost.count;
    cost_words[1] = (uint32_t)(cost.count >> 32);
    cost_words[2] = (uint32_t)cost.micros;
    cost_words[3] = (uint32_t)(cost.micros >> 32);
    return OK;
}

/* What INFER answers with: cost, then all outputs; beyond a frame's payload where they do not fit. */
static uint32_t inferred_bytes(void)
{
    uint32_t bytes = sizeof cost_words;
    for (uint32_t i = 0; i < edgeq_output_count(); ++i) {
        const uint32_t n = edgeq_output(i)->bytes;
        bytes = n > EDGEQ_LINK_CHUNK - bytes ? EDGEQ_LINK_CHUNK : bytes + n;
    }
    return bytes;
}

/* Also when it is asked for again: then a damaged frame may have begun the next input over the outputs. */
static void answer_inferred(const frame_header *request, uint32_t status)
{
    if (status == OK && edgeq_session_output(0, 0, 0) == 0) {
        status = NOT_LOADED;
    }
    if (status != OK) {
        answer(request, status, 0, 0);
        return;
    }
    begin(request, OK, inferred_bytes());
    send(cost_words, sizeof cost_words);
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

/* What a request is for, where that is more than an answer. */
static uint32_t carry_out(const frame_header *header, const uint8_t *to)
{
    switch (header->type & KIND) {
    case LOAD:
        return load(to, header->length);
    case RUN:
        return run(header->argument);
    case INFER:
        return infer(to, header->length);
    case RESET:
        return edgeq_session_reset() == 0 ? OK : RUN_FAILED;
    default:
        return OK;
    }
}

/* Whether a request goes on with what the last one began: then one that was lost in between must not be missed. */
static int goes_on(const frame_header *header)
{
    switch (header->type & KIND) {
    case LOAD:
    case INFER:
        return header->index != 0u || header->argument != 0u;
    case RUN:
    case READ:
        return 1;
    default:
        return 0;
    }
}

void edgeq_bulk_serve(void)
{
    frame_header header = {0, 0, 0, 0, 0, 0, 0, 0};
    uint32_t last_type = 0, status = OK;
    last = 0;
    edgeq_session_rewind();
    while (hunt()) {
        if (!receive_header(&header)) {
            answer(&header, DAMAGED, 0, 0);
            continue;
        }
        const uint32_t number = header.number, type = header.type & KIND;
        const int is_again = number == last && type == last_type;
        const uint32_t steps = (number - last) & 0xFFFFu;
        const int is_refused = !is_again && (steps == 0u || steps > (goes_on(&header) ? 1u : NEWEST));
        uint8_t *to = 0;
        if (!is_again && !is_refused && (type == LOAD || type == INFER)) {
            to = edgeq_session_place(header.index, header.argument, header.length);
        }
        if (!receive_payload(&header, to)) {
            answer(&header, DAMAGED, 0, 0);
            continue;
        }
        if (is_refused) {
            answer(&header, OUT_OF_ORDER, 0, 0);
            continue;
        }
        last = number;
        last_type = type;
        if (!is_again) {
            status = carry_out(&header, to);
        }
        switch (type) {
        case INFO:
            info(&header);
            break;
        case DESCRIBE:
            describe(&header);
            break;
        case LOAD:
        case RESET:
            answer(&header, status, 0, 0);
            break;
        case RUN:
            answer(&header, status, cost_words, status == OK ? sizeof cost_words : 0u);
            break;
        case INFER:
            answer_inferred(&header, status);
            break;
        case READ:
            read_output(&header);
            break;
        case EXIT:
            answer(&header, OK, 0, 0);
            return;
        default:
            answer(&header, BAD_REQUEST, 0, 0);
            break;
        }
    }
}
