/* Classification alone: the library with one number type and without relaxation, a model of --classes-only. */
#include "classifier.h"
#include "dam.h"
#include "machine.h"
#include "states.h"

static uint64_t scratch[24];
static dam_recall recall;

void run(void)
{
    char answers[STATES_COUNT + 2];
    if (dam_init(&recall, classifier, CLASSIFIER_WORDS, scratch, sizeof scratch) != DAM_OK) {
        leave(1);
    }
    for (uint32_t i = 0; i < STATES_COUNT; i++) {
        uint32_t answer;
        if (dam_classify(&recall, states[i], STATES_WORDS, &answer) != DAM_OK) {
            leave(2);
        }
        answers[i] = (char)('0' + answer);
    }
    answers[STATES_COUNT] = '\n';
    answers[STATES_COUNT + 1] = 0;
    print(answers);
}
