#pragma once
#include <cstddef>
namespace coralmicro {
enum class IOStatus { kOk, kEof, kError };
IOStatus ReadBytes(int fd, void *bytes, size_t size);
IOStatus WriteBytes(int fd, const void *bytes, size_t size, size_t chunk_size = 1024);
int SocketServer(int port, int backlog);
int SocketAccept(int sockfd);
void SocketClose(int sockfd);
int SocketAvailable(int sockfd);
} // namespace coralmicro
