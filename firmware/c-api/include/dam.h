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
#define DAM_VERTEX 11u     /* a library without `relax` classifies with n = 2 alone */
#define DAM_CLASSES_ONLY 12u /* a model that was exported with --classes-only does not relax */
#define DAM_SENSOR 13u /* the model does not tell of a sensor, or there are fewer grey values than its sensor has */

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

/* A class, and how sure that is. */
typedef struct {
    int64_t field;     /* the largest field is this times 2^-places */
    int32_t places;
    uint32_t class_;
    uint32_t margin;   /* how much larger it is than the next, times 2^16; UINT32_MAX where that does not fit */
    uint32_t rejected; /* 1 where the margin is below the model's: such an answer is not to be trusted; else 0 */
} dam_answer;

/* An opened model, its header read. Its content is the library's; it borrows words and scratch, which have to outlive
 * it. It may be copied as long as only one of the copies is used at a time. */
typedef struct {
    uint32_t precision;
    uint32_t words;
    const void *held[44];
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
DAM_ASSERT(sizeof(dam_answer) == 24, size_of_dam_answer);
DAM_ASSERT_AT(dam_answer, field, 0);
DAM_ASSERT_AT(dam_answer, places, 8);
DAM_ASSERT_AT(dam_answer, class_, 12);
DAM_ASSERT_AT(dam_answer, margin, 16);
DAM_ASSERT_AT(dam_answer, rejected, 20);
DAM_ASSERT(sizeof(dam_recall) == 44 * sizeof(void *) + 8, size_of_dam_recall);
DAM_ASSERT_AT(dam_recall, precision, 0);
DAM_ASSERT_AT(dam_recall, words, 4);
DAM_ASSERT_AT(dam_recall, held, 8);

#undef DAM_ASSERT
#undef DAM_ASSERT_AT

/* What the model in `length` words needs; the checksum is left alone. */
dam_error dam_sizes_of(const uint32_t *words, uint32_t length, dam_sizes *sizes);

/* Checks the model, its checksum included, and borrows words and scratch. */
dam_error dam_init(dam_recall *recall, const uint32_t *words, uint32_t length, void *scratch, uint32_t scratch_bytes);

/* The class of a state. Its class neurons are not looked at. */
dam_error dam_classify(dam_recall *recall, const uint32_t *state, uint32_t words, uint32_t *answer);

/* The same, and how sure that is. */
dam_error dam_classify_surely(dam_recall *recall, const uint32_t *state, uint32_t words, dam_answer *answer);

/* Sets the pixel neurons of a state from the sensor's grey values, row by row: on or off, made smaller, packed, as the images
 * that the network was trained with. Task-ID and class neurons are left alone: set the task's once. */
dam_error dam_show(const dam_recall *recall, const uint8_t *grey, uint32_t bytes, uint32_t *state, uint32_t words);

/* Updates all neurons of a state until nothing changes, at most `most_sweeps` times. */
dam_error dam_relax(dam_recall *recall, uint32_t *state, uint32_t words, uint32_t most_sweeps, dam_end *end,
                    uint32_t *sweeps);

#ifdef __cplusplus
}
#endif

#endif
