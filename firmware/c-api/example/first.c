/* The first program: a digit, drawn, and its class. For models of 14 x 14 pixels. */
#include "classifier.h"
#include "dam.h"
#include "machine.h"

static const char digit[] =
    ".............."
    ".............."
    ".............."
    "....#........."
    "...########..."
    ".........##..."
    ".........#...."
    "........##...."
    "........#....."
    ".......##....."
    "......##......"
    "......#......."
    ".....##......."
    "..............";

/* At least the bytes that `dam export` says, in words of 8. */
static uint64_t scratch[64];
static dam_recall recall;
/* As many words as the model's neurons take; class neurons stay off. */
static uint32_t state[7];

void run(void)
{
    uint32_t answer;
    for (uint32_t pixel = 0; pixel < 14 * 14; pixel++) {
        if (digit[pixel] == '#') {
            state[pixel / 32] |= 1u << pixel % 32;
        }
    }
    if (dam_init(&recall, classifier, CLASSIFIER_WORDS, scratch, sizeof scratch) != DAM_OK) {
        leave(1);
    }
    if (dam_classify(&recall, state, sizeof state / sizeof *state, &answer) != DAM_OK) {
        leave(2);
    }
    const char text[] = {(char)('0' + answer), '\n', 0};
    print(text);
}
