#include "CAllocatorShims.h"
