# The site: pages, worker and embedded engines in one image, on the base image of backends, so that what is judged here
# runs on the Python and Node.js that the benchmark asks for. Build that one first:
#
#     docker build --tag amend-backends:1 evaluator/sandbox/image
#     docker build --tag amend:1 .
#     docker compose up
ARG BASE=amend-backends:1
FROM ${BASE}
USER root
WORKDIR /srv/amend
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
COPY . .
RUN scripts/setup.sh && rm -rf annotations/editor/node_modules && chmod -R a+rX . \
    && mkdir -p /var/lib/amend /var/cache/amend && chown app:app /var/lib/amend /var/cache/amend
USER app
ENV AMEND_STATE=/var/lib/amend AMEND_CACHE=/var/cache/amend AMEND_SANDBOX=bubblewrap PATH=/srv/amend/.venv/bin:${PATH}
EXPOSE 8000
CMD ["python", "manage.py", "up", "--host", "0.0.0.0"]
