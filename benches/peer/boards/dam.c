/* The associative memory, by firmware/c-api. */
#include "classifier.h"
#include "dam.h"
#include "machine.h"
#include "peer.h"

static uint64_t scratch[SCRATCH];
static dam_recall recall;
static const uint32_t *shown;

void prepare(void)
{
    if (dam_init(&recall, classifier, CLASSIFIER_WORDS, scratch, sizeof scratch) != DAM_OK) {
        leave(1);
    }
}

void show(const uint32_t *state)
{
    shown = state;
}

uint32_t classify(void)
{
    uint32_t answer = 0;
    dam_classify(&recall, shown, recall.words, &answer);
    return answer;
}
