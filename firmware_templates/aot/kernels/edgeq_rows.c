/* Steps that run together by rows: which rows each makes in a turn, and the lines between them, of which only those rows
 * are there that are still read (edgeq/backends/aot/segment.py). */

/* interface */
#include <stdint.h>

/* Rows: before the first turn, where a negative number is waited for; more of them every few turns; in all. */
typedef struct {
    int16_t start, rate, height, every;
} edgeq_pace;

/* A step: the rows that it makes, and the windows of input rows that it reads for them. */
typedef struct {
    edgeq_pace made;
    int16_t extent, stride, pad;
    int16_t height; /* of the input */
} edgeq_stage;

/* What a step does in a turn: output rows, and for them input rows from `top` on, below `pad` rows of padding. */
typedef struct {
    int32_t first, rows;
    int32_t top, inputs, pad;
} edgeq_band;

/* The rows of a tensor that are there: those made, less those that nobody reads any more. The first of its bytes are those
 * of the first row that is not due to be gone, also where there is none such. */
typedef struct {
    edgeq_pace made, gone;
    int32_t row_bytes;
} edgeq_line;

/* Sets the band of a turn; of no rows where nothing is to be done in it. */
void edgeq_rows(const edgeq_stage *stage, int32_t turn, edgeq_band *band) __attribute__((noinline));

/* Where a row is in a line's bytes. */
int32_t edgeq_line_at(const edgeq_line *line, int32_t turn, int32_t row) __attribute__((noinline));

/* Before a line is written in a turn: the rows that stay go to its beginning, from where they are; from `kept` where they
 * are kept elsewhere. */
void edgeq_line_begin(const edgeq_line *line, int32_t turn, int8_t *rows, const int8_t *kept) __attribute__((noinline));

/* Before a line is read for the last time in a turn: copies the rows that stay. */
void edgeq_line_keep(const edgeq_line *line, int32_t turn, const int8_t *rows, int8_t *kept) __attribute__((noinline));

/* Rows of it that are there when a turn runs. */
int32_t edgeq_line_due(const edgeq_line *line, int32_t turn) __attribute__((noinline));

/* Takes rows from elsewhere, `given` of which are there, no more than are due in a turn; gives how many. */
int32_t edgeq_line_feed(const edgeq_line *line, int32_t turn, int32_t given, const int8_t *from, int32_t count,
                        int8_t *rows) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

static int32_t due(const edgeq_pace *pace, int32_t turn)
{
    return pace->start + pace->rate * (pace->every > 1 ? turn / pace->every : turn);
}

static int32_t before(const edgeq_pace *pace, int32_t turn)
{
    const int32_t rows = due(pace, turn);
    if (rows < 0) {
        return 0;
    }
    return rows < pace->height ? rows : pace->height;
}

void edgeq_rows(const edgeq_stage *stage, int32_t turn, edgeq_band *band)
{
    const int32_t first = before(&stage->made, turn), end = before(&stage->made, turn + 1);
    const int32_t top = first * stage->stride - stage->pad;
    const int32_t bottom = (end - 1) * stage->stride - stage->pad + stage->extent;
    band->first = first;
    band->rows = end - first;
    band->top = top > 0 ? top : 0;
    band->pad = band->top - top;
    band->inputs = (bottom < stage->height ? bottom : stage->height) - band->top;
}

int32_t edgeq_line_at(const edgeq_line *line, int32_t turn, int32_t row)
{
    return (row - due(&line->gone, turn)) * line->row_bytes;
}

/* Whether a line's steps do anything in a turn. */
static int is_idle(const edgeq_line *line, int32_t turn)
{
    return line->made.every > 1 && (turn + 1) % line->made.every != 0;
}

void edgeq_line_begin(const edgeq_line *line, int32_t turn, int8_t *rows, const int8_t *kept)
{
    const int32_t gone = before(&line->gone, turn);
    int32_t stay = before(&line->made, turn) - gone, at = edgeq_line_at(line, turn, gone);
    if (kept == rows) {
        kept -= edgeq_line_at(line, turn, due(&line->gone, turn - line->made.every));
    }
    if (is_idle(line, turn) || kept == rows) {
        return;
    }
    for (; stay > 0; stay--, at += line->row_bytes) { /* a row at a time: rows do not overlap */
        memcpy(rows + at, kept + at, (size_t)line->row_bytes);
    }
}

void edgeq_line_keep(const edgeq_line *line, int32_t turn, const int8_t *rows, int8_t *kept)
{
    const int32_t gone = before(&line->gone, turn + 1), stay = before(&line->made, turn + 1) - gone;
    if (!is_idle(line, turn) && stay > 0) {
        memcpy(kept + edgeq_line_at(line, turn + 1, gone), rows + edgeq_line_at(line, turn, gone),
               (size_t)(stay * line->row_bytes));
    }
}

int32_t edgeq_line_due(const edgeq_line *line, int32_t turn) { return before(&line->made, turn + 1); }

int32_t edgeq_line_feed(const edgeq_line *line, int32_t turn, int32_t given, const int8_t *from, int32_t count,
                        int8_t *rows)
{
    const int32_t due = edgeq_line_due(line, turn) - given, taken = count < due ? count : due;
    memcpy(rows + edgeq_line_at(line, turn, given), from, (size_t)(taken * line->row_bytes));
    return taken;
}
