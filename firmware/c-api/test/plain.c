/* Plain C beside the library: the same errors and the same answers. plain/dam.c is compiled under other names for this. */
#include "classifier.h"
#include "dam.h"
#include "machine.h"

dam_error plain_init(dam_recall *recall, const uint32_t *words, uint32_t length, void *scratch, uint32_t scratch_bytes);
dam_error plain_classify(dam_recall *recall, const uint32_t *state, uint32_t words, uint32_t *answer);

#define HEADER 16
#define STATES 200

static uint64_t scratch[512];
static dam_recall library, plain;
static uint32_t words[HEADER + 4], state[32], failures;

static void expect(uint32_t one, uint32_t other, const char *what)
{
    if (one != other) {
        print(what);
        failures++;
    }
}

static void same_error(const uint32_t *model, uint32_t length, const char *what)
{
    expect(dam_init(&library, model, length, scratch, sizeof scratch),
           plain_init(&plain, model, length, scratch, sizeof scratch), what);
}

void run(void)
{
    same_error(0, CLASSIFIER_WORDS, "no model\n");
    same_error((const uint32_t *)(const void *)((const char *)(const void *)classifier + 1), 20, "an odd address\n");
    for (uint32_t length = 0; length <= HEADER; length++) {
        same_error(classifier, length, "a length\n");
    }
    same_error(classifier, CLASSIFIER_WORDS - 1, "a word too few\n");
    /* Every bit of the header, in a model that says it is as long as it is. */
    for (uint32_t bit = 0; bit < 32 * HEADER; bit++) {
        for (uint32_t w = 0; w < HEADER; w++) {
            words[w] = classifier[w];
        }
        words[2] = HEADER + 4;
        words[bit / 32] ^= 1u << (bit & 31);
        same_error(words, HEADER + 4, "a bit of the header\n");
    }
    same_error(classifier, CLASSIFIER_WORDS, "the model\n");
    expect(dam_init(&library, classifier, CLASSIFIER_WORDS, scratch, sizeof scratch), DAM_OK, "it is not opened\n");
    expect(plain_init(&plain, classifier, CLASSIFIER_WORDS, scratch, 8), DAM_SCRATCH, "too little scratch\n");
    expect(plain_init(&plain, classifier, CLASSIFIER_WORDS, scratch + 256, sizeof scratch / 2), DAM_OK, "nor here\n");
    uint32_t one = 0, other = 0, seen = 0;
    expect(plain_classify(&plain, state, library.words - 1, &other), DAM_STATE, "a short state\n");
    expect(plain_classify(&plain, 0, library.words, &other), DAM_NULL, "no state\n");
    expect(plain_classify(&plain, state, library.words, 0), DAM_NULL, "no answer\n");
    expect(library.words, plain.words, "words of a state\n");
    /* Of random states with more and more neurons on, class neurons included. */
    uint32_t random = 1;
    for (uint32_t i = 0; i < STATES; i++) {
        for (uint32_t w = 0; w < library.words; w++) {
            state[w] = 0;
            for (uint32_t bit = 0; bit < 32; bit++) {
                random = 1664525u * random + 1013904223u;
                state[w] |= (uint32_t)((random >> 16) * STATES < (i + 1) * 65536u) << bit;
            }
        }
        expect(dam_classify(&library, state, library.words, &one), DAM_OK, "the library\n");
        expect(plain_classify(&plain, state, library.words, &other), DAM_OK, "plain C\n");
        expect(one, other, "another answer\n");
        seen |= 1u << one;
    }
    expect((seen & (seen - 1)) != 0, 1, "all answers are alike\n");
    leave(failures ? 3 : 0);
}
