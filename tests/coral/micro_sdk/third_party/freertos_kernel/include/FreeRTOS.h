#pragma once
#include <cstdint>
#define pdMS_TO_TICKS(milliseconds) (milliseconds)
