/* What differs between the images: where FPGA system control is, and two clocks. */
#ifndef EDGEQ_MPS_MAP_H
#define EDGEQ_MPS_MAP_H

#define EDGEQ_FPGAIO_ADDRESS 0x50302000u
#define EDGEQ_FPGAIO_HZ 20000000u /* of its counter */
#define EDGEQ_UART_HZ 20000000u

#endif
