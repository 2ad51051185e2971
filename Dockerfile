# The operator's image: bundle and compile as `deno task compile` does, then the binary alone on a
# base without a shell. It runs as any user and writes no file, so the root file system can be
# read-only (`readOnlyRootFilesystem: true`, as in manifests/postgres-operator.yaml).
FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY deno.json deno.lock ./
COPY .ci .ci
COPY codegen/bundle.ts codegen/ascii_program.ts codegen/
COPY src src
RUN npx -y deno@2.9.6 task compile

# From source, with an inspector on port 9229: docker build --target debug.
FROM node:22-bookworm-slim AS debug
RUN npm install --global deno@2.9.6
WORKDIR /operator
ENV DENO_DIR=/operator/.deno
COPY deno.json deno.lock ./
COPY .ci .ci
COPY src src
RUN deno cache src/main.ts && chmod --recursive a+rX /operator
USER 1000:1000
EXPOSE 8080 9229
ENTRYPOINT ["deno", "run", "--cached-only", "--inspect=0.0.0.0:9229", "-A", "src/main.ts"]

FROM gcr.io/distroless/cc-debian12
COPY --from=build /build/dist/postgres-operator /postgres-operator
COPY LICENSE /LICENSE
USER 1000:1000
EXPOSE 8080
ENTRYPOINT ["/postgres-operator"]
