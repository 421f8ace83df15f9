#ifdef __cplusplus
extern "C" {
#endif
void RegisterDebugLogCallback(void (*callback)(const char *text));
#ifdef __cplusplus
}
#endif
