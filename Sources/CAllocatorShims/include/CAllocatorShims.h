// What glibc's allocator tells and does beyond the C standard; the Glibc module leaves it out. There is no logic here.
#ifndef CALLOCATORSHIMS_H
#define CALLOCATORSHIMS_H

#include <malloc.h>

#endif
