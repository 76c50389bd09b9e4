/* Recall with exported models: `dam export --format c` or `--format bin`. No heap, no globals, no floating-point unit
 * needed for models of 8 and 16 bits.
 *
 * All that crosses this interface has a fixed width; nothing of it is an `enum`, whose width compilers choose (those for
 * Arm take one byte: -fshort-enums). What the types take is asserted below, so that a compiler that lays them out
 * otherwise stops.
 *
 * A pointer that is null gives DAM_NULL, and one that is not aligned as its type asks (in C only a cast makes such) gives
 * DAM_ALIGNMENT. Where a function gives an error it has written nothing. */
#ifndef DAM_H
#define DAM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t dam_error;
#define DAM_OK 0u
#define DAM_NOT_A_MODEL 1u /* other first words, or fewer than a header */
#define DAM_VERSION 2u     /* of another version of the layout */
#define DAM_PRECISION 3u   /* weights of a number type that there is not */
#define DAM_LENGTH 4u      /* more or fewer words than the header says */
#define DAM_HEADER 5u      /* sizes that cannot be */
#define DAM_CHECKSUM 6u    /* not the words that were written */
#define DAM_SCRATCH 7u     /* scratch too short */
#define DAM_STATE 8u       /* a state too short */
#define DAM_NULL 9u        /* a pointer is null */
#define DAM_ALIGNMENT 10u  /* a pointer is not aligned: 8 bytes for scratch, 4 for words, states and numbers */

/* How a relaxation ended. */
typedef uint32_t dam_end;
#define DAM_STABLE 0u /* nothing changes any more */
#define DAM_CYCLE 1u  /* two states follow each other */
#define DAM_LIMIT 2u  /* after the most sweeps */

/* What a model needs and is. */
typedef struct {
    uint32_t scratch_bytes; /* to be lent, aligned to 8 bytes */
    uint32_t state_words;   /* of one state: bit j % 32 of word j / 32 is neuron j, set where it is +1 */
    uint32_t pixels;        /* neurons 0 to pixels - 1 */
    uint32_t tasks;         /* the next neurons; one of them is +1 */
    uint32_t classes;       /* the last neurons; off, that is -1, before classification */
    uint32_t memories;
    uint32_t threshold; /* grey value from which a pixel is +1 */
} dam_sizes;

/* An opened model. Its content is the library's; it borrows words and scratch, which have to outlive it. */
typedef struct {
    const uint32_t *words;
    void *scratch;
    uint32_t length;
    uint32_t scratch_bytes;
} dam_recall;

#if defined(__cplusplus)
#define DAM_ASSERT(what, name) static_assert(what, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define DAM_ASSERT(what, name) _Static_assert(what, #name)
#else
#define DAM_ASSERT(what, name) typedef char dam_assert_##name[(what) ? 1 : -1]
#endif
#define DAM_ASSERT_AT(type, field, at) DAM_ASSERT(offsetof(type, field) == (at), type##_##field)

DAM_ASSERT(sizeof(dam_error) == 4, size_of_dam_error);
DAM_ASSERT(sizeof(dam_end) == 4, size_of_dam_end);
DAM_ASSERT(sizeof(dam_sizes) == 28, size_of_dam_sizes);
DAM_ASSERT_AT(dam_sizes, scratch_bytes, 0);
DAM_ASSERT_AT(dam_sizes, state_words, 4);
DAM_ASSERT_AT(dam_sizes, pixels, 8);
DAM_ASSERT_AT(dam_sizes, tasks, 12);
DAM_ASSERT_AT(dam_sizes, classes, 16);
DAM_ASSERT_AT(dam_sizes, memories, 20);
DAM_ASSERT_AT(dam_sizes, threshold, 24);
DAM_ASSERT(sizeof(dam_recall) == 2 * sizeof(void *) + 8, size_of_dam_recall);
DAM_ASSERT_AT(dam_recall, words, 0);
DAM_ASSERT_AT(dam_recall, scratch, sizeof(void *));
DAM_ASSERT_AT(dam_recall, length, 2 * sizeof(void *));
DAM_ASSERT_AT(dam_recall, scratch_bytes, 2 * sizeof(void *) + 4);

#undef DAM_ASSERT
#undef DAM_ASSERT_AT

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
