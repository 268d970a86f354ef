# docker build -t assay . && docker run --rm -v "$PWD/runs:/work/runs" assay
# Ends in the demo; any verb goes in its place: docker run --rm -v "$PWD:/work" assay compare mine.npz -s made.npz
# Unproven: no container was built from this file yet.
FROM python:3.11-slim
# the index of PyTorch's CPU builds saves gigabytes of CUDA: --build-arg PIP_EXTRA_INDEX_URL=...
ARG PIP_EXTRA_INDEX_URL=""
WORKDIR /work
COPY pyproject.toml README.md LICENSE /source/
COPY src /source/src
RUN pip install --no-cache-dir /source
ENTRYPOINT ["assay"]
CMD ["demo"]
