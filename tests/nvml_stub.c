/* A machine with two NVIDIA cards, as NVML tells of it: the part of libnvidia-ml.so.1 that the probe asks.
 *
 * NVML number 0 is the later card on the PCI bus, so that whoever relies on NVML's order is found out.
 * NVML_STUB says what goes wrong: "init=<code>" (starting fails), "lost" (number 0 does not answer),
 * "old" (a driver from before memory v2), "shared" (number 0 has no memory of its own),
 * "mute" (no word on processes), "wddm" (processes, but not what they use).
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SUCCESS = 0, UNINITIALIZED = 1, INVALID = 2, NOT_SUPPORTED = 3, TOO_SMALL = 7, NO_FUNCTION = 13, LOST = 15 };

typedef unsigned long long bytes;
typedef struct { bytes total, free, used; } memory_v1;
typedef struct { unsigned version; bytes total, reserved, free, used; } memory_v2;
typedef struct { char legacy[16]; unsigned domain, bus, device, id, subsystem; char text[32]; } pci;
typedef struct { unsigned pid; bytes used; unsigned gpu_instance, compute_instance; } process;
typedef struct { const char *uuid, *name; unsigned bus; bytes total, reserved, free, ours, others; } card;

#define GIB (1ULL << 30)
static card cards[2] = {
    {"GPU-bbbb2222-0000-0000-0000-000000000002", "Stub B", 0x41, 8 * GIB, 0, 8 * GIB, 0, 0},
    {"GPU-aaaa1111-0000-0000-0000-000000000001", "Stub A", 0x01, 24 * GIB, GIB, 15 * GIB, 2 * GIB, 6 * GIB},
};
static atomic_int started;

static int fault(const char *name) {
    const char *set = getenv("NVML_STUB");
    return set != NULL && strncmp(set, name, strlen(name)) == 0;
}

static int put(char *to, unsigned size, const char *text) {
    return snprintf(to, size, "%s", text) < (int)size ? SUCCESS : TOO_SMALL;
}

int stub_started(void) { return started; }

int nvmlInitWithFlags(unsigned flags) {
    (void)flags;
    if (fault("init=")) return atoi(getenv("NVML_STUB") + strlen("init="));
    started++;
    return SUCCESS;
}

int nvmlShutdown(void) {
    if (started == 0) return UNINITIALIZED;
    started--;
    return SUCCESS;
}

const char *nvmlErrorString(int code) { return code == 777 ? "the stub says so" : "unknown"; }

int nvmlDeviceGetCount_v2(unsigned *count) {
    *count = 2;
    return started > 0 ? SUCCESS : UNINITIALIZED;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned number, card **device) {
    if (started == 0) return UNINITIALIZED;
    if (number > 1) return INVALID;
    if (number == 0 && fault("lost")) return LOST;
    *device = &cards[number];
    return SUCCESS;
}

int nvmlDeviceGetUUID(card *device, char *text, unsigned size) { return put(text, size, device->uuid); }

int nvmlDeviceGetName(card *device, char *text, unsigned size) { return put(text, size, device->name); }

int nvmlDeviceGetPciInfo_v3(card *device, pci *place) {
    memset(place, 0, sizeof *place);
    place->bus = device->bus;
    snprintf(place->text, sizeof place->text, "00000000:%02X:00.0", device->bus);
    return SUCCESS;
}

int nvmlDeviceGetMemoryInfo(card *device, memory_v1 *memory) {
    memory->total = device->total;
    memory->free = device->free;
    memory->used = device->total - device->free;
    return SUCCESS;
}

int nvmlDeviceGetMemoryInfo_v2(card *device, memory_v2 *memory) {
    if (memory->version != (sizeof *memory | 2u << 24)) return INVALID;
    if (fault("old")) return NO_FUNCTION;
    if (fault("shared") && device == cards) return NOT_SUPPORTED;
    memory->total = device->total;
    memory->reserved = device->reserved;
    memory->free = device->free;
    memory->used = device->total - device->reserved - device->free;
    return SUCCESS;
}

int nvmlDeviceGetComputeRunningProcesses_v3(card *device, unsigned *count, process *running) {
    unsigned room = *count;
    if (fault("mute")) return NOT_SUPPORTED;
    *count = device->ours || device->others ? 2 : 0;
    if (room < *count) return TOO_SMALL;
    if (*count == 0) return SUCCESS;
    bytes unknown = ~0ULL;
    running[0] = (process){(unsigned)getpid(), fault("wddm") ? unknown : device->ours, 0, 0};
    running[1] = (process){1, fault("wddm") ? unknown : device->others, 0, 0};
    return SUCCESS;
}
