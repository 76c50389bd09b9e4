/* Classifies digits on a Cortex-M, and counts how many are right, and by the system timer what that takes. */
#include "classifier.h"
#include "dam.h"
#include "labels.h"
#include "states.h"
#include "timer.h"

static uint64_t scratch[256];
static dam_recall recall;

void run(void)
{
    if (dam_init(&recall, classifier, CLASSIFIER_WORDS, scratch, sizeof scratch) != DAM_OK) {
        leave(1);
    }
    timer_start();
    uint32_t right = 0, ticks = 0;
    for (uint32_t i = 0; i < STATES_COUNT; i++) {
        uint32_t answer;
        const uint32_t before = timer_now();
        if (dam_classify(&recall, states[i], STATES_WORDS, &answer) != DAM_OK) {
            leave(2);
        }
        ticks += timer_since(before);
        right += answer == labels[i];
    }
    print_number("right ", right);
    print_number("ticks ", ticks);
}
