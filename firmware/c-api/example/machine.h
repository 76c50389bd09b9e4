/* What a program here needs of the machine that it runs on. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdint.h>

/* Writes text. */
void print(const char *text);

/* Ends the program with a code; 0 is success. */
void leave(uint32_t code);

/* The program. */
void run(void);

#endif
