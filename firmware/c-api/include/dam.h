/* Recall with exported models: `dam export --format c` or `--format bin`. No heap, no globals, no floating-point unit
 * needed for models of 8 and 16 bits. */
#ifndef DAM_H
#define DAM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    DAM_OK = 0,
    DAM_NOT_A_MODEL = 1, /* other first words, or fewer than a header */
    DAM_VERSION = 2,     /* of another version of the layout */
    DAM_PRECISION = 3,   /* weights of a number type that there is not */
    DAM_LENGTH = 4,      /* more or fewer words than the header says */
    DAM_HEADER = 5,      /* sizes that cannot be */
    DAM_CHECKSUM = 6,    /* not the words that were written */
    DAM_SCRATCH = 7,     /* scratch too short, or not aligned to 8 bytes */
    DAM_STATE = 8,       /* a state too short */
    DAM_NULL = 9         /* a pointer is null */
} dam_error;

/* How a relaxation ended. */
typedef enum {
    DAM_STABLE = 0, /* nothing changes any more */
    DAM_CYCLE = 1,  /* two states follow each other */
    DAM_LIMIT = 2   /* after the most sweeps */
} dam_end;

/* What a model needs and is. */
typedef struct {
    uint32_t scratch_bytes; /* to be lent, aligned to 8 bytes */
    uint32_t state_words;   /* of one state: bit j % 32 of word j / 32 is neuron j, set where it is +1 */
    uint32_t pixels;        /* neurons 0 to pixels - 1 */
    uint32_t tasks;         /* the next neurons; one of them is +1 */
    uint32_t classes;       /* the last neurons; off, that is -1, before classification */
    uint32_t memories;
    uint32_t threshold;     /* grey value from which a pixel is +1 */
} dam_sizes;

/* An opened model. Its content is the library's; it borrows words and scratch, which have to outlive it. */
typedef struct {
    const uint32_t *words;
    uint32_t length;
    void *scratch;
    uint32_t scratch_bytes;
} dam_recall;

/* What the model in `length` words needs; the checksum is left alone. */
dam_error dam_sizes_of(const uint32_t *words, uint32_t length, dam_sizes *sizes);

/* Checks the model, its checksum included, and borrows words and scratch. */
dam_error dam_init(dam_recall *recall, const uint32_t *words, uint32_t length, void *scratch, uint32_t scratch_bytes);

/* The class of a state. Its class neurons are not looked at. */
dam_error dam_classify(const dam_recall *recall, const uint32_t *state, uint32_t words, uint32_t *answer);

/* Updates all neurons of a state until nothing changes, at most `most_sweeps` times. */
dam_error dam_relax(const dam_recall *recall, uint32_t *state, uint32_t words, uint32_t most_sweeps, dam_end *end,
                    uint32_t *sweeps);

#ifdef __cplusplus
}
#endif

#endif
