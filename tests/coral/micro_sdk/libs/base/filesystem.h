#pragma once
#include <cstdint>
#include <vector>
namespace coralmicro {
bool LfsReadFile(const char *path, std::vector<uint8_t> *buf);
}
