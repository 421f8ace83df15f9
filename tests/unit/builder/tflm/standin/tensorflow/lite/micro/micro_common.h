#ifndef STANDIN_COMMON_H
#define STANDIN_COMMON_H

struct TFLMRegistration {
    int (*invoke)(void);
};

#endif
