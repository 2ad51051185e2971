# The operator's image: bundle and compile as `deno task compile` does, then the binary alone on a
# base without a shell. It runs as any user and writes no file, so the root file system can be
# read-only (`readOnlyRootFilesystem: true`, as in manifests/postgres-operator.yaml).
FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY deno.json deno.lock ./
COPY .ci .ci
COPY src src
RUN npx -y deno@2.9.6 task compile

FROM gcr.io/distroless/cc-debian12
COPY --from=build /build/dist/postgres-operator /postgres-operator
COPY LICENSE /LICENSE
USER 1000:1000
EXPOSE 8080
ENTRYPOINT ["/postgres-operator"]
