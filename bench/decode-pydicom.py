"""pydicom's side of the decoding benchmark, with GDCM: one file after the other, or a pool of processes."""
import hashlib
import json
import multiprocessing
import sys
import time

import gdcm  # noqa: F401  pydicom finds it
import pydicom

threads = int(sys.argv[1])


def decode(file):
    return pydicom.dcmread(file).pixel_array


def decode_away(file):
    """In a process of the pool: the array stays there, which spares its way back."""
    decode(file)


def main():
    pydicom.config.pixel_data_handlers = [pydicom.pixel_data_handlers.gdcm_handler]
    pool = None
    files = []
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "case":
            files = command["files"]
            pool = multiprocessing.Pool(threads) if command["parallel"] else None
            if pool:
                pool.map(decode_away, files[:threads], chunksize=1)
            answer = {"sha256": hashlib.sha256(decode(files[0]).tobytes()).hexdigest()}
        else:
            times = command["times"]
            some = [files[i % len(files)] for i in range(times)]
            began = time.perf_counter()
            if pool:
                pool.map(decode_away, some, chunksize=1)
            else:
                for file in some:
                    decode(file)
            answer = {"seconds": time.perf_counter() - began}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    import pydicom.pixel_data_handlers.gdcm_handler  # noqa: F401

    main()
