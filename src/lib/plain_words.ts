/**
 * English words of the messages of PostgreSQL, pg_upgrade, Patroni and Kubernetes: what a peer says in these
 * words alone holds nobody's secret. Small letters, sorted.
 */

const TEXT = `
a abbreviation abc able abort aborted aborting about above absent absolute abstime accept accepted
accepting accepts access accessed accessing accessor account accumulate aclitem acquire acquired
across action actions active activity actual add added adding address addresses administrator
admission admit affected affinity affix after afterwards again against age aggregate aggregated
aggregates aggregation ahead algorithm alias aliases alignment all allocation allow allowed allowing
allows almost along alpha already also alter although always ambiguous among amount an analyze
analyzing and annotation annotations anonymous another answer answered answers any anybody
anycompatible anymore anything apart api app apparent appear appears append applied applies apply
applying approach approved apps archive archived archiver archiving are area args argument arguments
around array arrays as ask asked assign assignment associated assumption asynchronous at attach
attached attempt attempted attempts attr attribute attributes audience audiences audit auth
authenticated authentication authenticator authorization authorize authorized authorizer automatic
automatically autovacuum available average avoid away back backend background backup backward bad
base based baseline bash batch be bearer became because been before began begin begun behavior
behind being belonging below beside best beta between beyond big bigger bigint bin binaries binary
bind binding bit bits block blocks body bonjour bookmark bool boolean bootstrap bootstrapping both
bound bounds broken btree budget buffer buffers bugs build building built bumped bundle busy but by
byte bytea bytes ca cache cached cacher caches calculate calculated call callback called calling
calls came can cancel canceled canceling candidate candidates cannot canonical capabilities
capability carriage cascades case cast casts catalog catalogs cause caused causes cel celgo cert
certificate certificates chain change changed changes changing channel character characters check
checked checking checkpoint checkpoints checks checksum checksums child children chmod choose cidr
cipher claim claims class clause clauses cleanup client clientcert clients cliflag clock clone
cloning close closed cluster clustering clusterrole clusters code collation collations collection
collects column columns com come comma command commands comment commit committed common compact
compacted compare comparison compatibility compatible compbasemetrics compilation compiled compiler
complete completed compliance compliant component composite compress compression compute computed
concatenation concurrent concurrently condition conditional conditions conf config configmap
configmaps configuration configure configured conflict conflicting conflicts connect connection
connections consider considered consist consistency consistent const constant constants constraint
constraints consult contain contained container containers containing contains content contents
context continuation continue continues continuing contrecord contrib control controldata controller
controls conversion conversions convert converted converter converting copy copying core correct
corrected correctly corresponding corrupt corrupted cost could count counter counters covers cpu
crash crd create created creating creation credentials cronjob cronjobs cross csr csvlog ctl ctr ctx
current currently cursor cursors custom customary cycle data database databases datallowconn
datatypes date dates datetime day days db dead deadlock debugger debugging decimal decision
declaration declarative declared decode decoded decoding decrypt decryption default defaulting
defaults defer deferrable define defined definition definitions delay delegated delete
deletecollection deleted deletes deleting deletion delimiter demoted denied denies deny denying
depend dependent depends deployment deployments deprecated depth derive derived description
descriptor desired destination detach detail details detected detection determine determined
developer device dial dialed dialing dictionary did diff difference different differently differs
digests digit digits dimension dimensions direct directly directories directory dirty disable
disabled disables disabling disallow disallowed discovery disk dispatch dispatching display distance
distinct dll dns do doc documentation documented does domain domains done dots dotted double down
downgrade drop dropped dropping dry dual due dump duplicate duration during dynamic dynamically
eacces each eai earlier early easy econnrefused econnreset effect effective effects egress
ehostunreach either elapsed element elements else embedded emits empty enable enabled enables encode
encoded encoder encoding encountered encrypt encrypted encrypting encryption end ended ending
endpoint endpoints ends enetunreach enoent enospc enotfound enough ensure entire entries entry enum
env envelope environment eof ephemeral epipe epoch equal equality err error errorf errors errs
escalation escape escapes estimate estimator etcd etimedout evaluate evaluation evaluator even event
events ever every everything exact exactly example exceed exceeded exceeds exception excluded
exclusion exclusive executable execute executed executing execution executor exempt exist existence
existing exists exit exited exiting expect expected expecting expects expensive expired explanation
explicit explicitly export exported expression expressions extend extended extension extensions
external extra extract facilities facility fail failed failing failover fails failsafe failure
failures fairness fallback false families family far fast fastpath fatal fatalf fcrequest feature
fetch fetched few fewer field fields fifth file files filter filtered final finalizer finalizers
find finds finish finished fired first fix flag flags flattened float flow flush flushing fmt follow
followed following foo for forbidden force forcing foreign fork forked form format formats formatted
formatting forward found fourth fq fraction fragments frame free freeze freezing frequently from
frozenxid fs fsnotify fsync full fully func function functions further future gate gatekeeper gates
gateway gather gave generate generated generation generic genericfeatures get getter getting give
given gives global go goes going golang gone good goroutine got gr gracefully granted grantor great
greater group grouping groups gssapi guaranteed gvk gvr had hand handle handled handler handling
handshake happen hard has hash have having head header headers health healthy healthz heap held help
here hexadecimal high higher highest hijack history hold holding hook host hosts hostssl hot hours
how however html http https huge hugepages i id ident identifier identifiers identify identity idle
idx if ignore ignored ignoring illegal image images immediate immediately immutable implement
implementation implemented import impossible improper in inactive inc include included includes
including inclusive incoming incompatible incomplete inconsistencies inconsistent incorrect increase
increasing index indexed indexes indicate indicated indicates inet infinite infinity info infof
information informer ingress inherit inheritance inherited inherits init initdb initial initialize
initialized initializing initiator injected injection inline inlining input insecure insert inserts
inside install installation installed installing instances instantiation instead instruction
insufficient int integer integers interface internal interrupted interval into introduced invalid
invalidated invocation io ip is iscsi isolation issuer istio it item items itoa its itself job jobs
join json jsonb jsonlog jsonpath junction junk just keep keepalive kept kernel key keys killed kind
klog kms know known knows kubeconfig kubectl kubernetes kyverno label labels lack lacks lag lagging
language large larger largest last late later latest ldapbasedn leader leading lease leases least
leave left legacy len length lengths less let lets level levels lexeme lexemes lib libpq libraries
library like likely limit limited limitrange limits line lines lingering link linked linking list
listed listen listener listening lister lists literal live load loadable loaded loading local locale
locate location locations lock locked locks log logged logger logging logical login logs long longer
look looked looking looks lookup loopback lose loss lost low lower lowest macaddr made magic main
maintenance major make making malformed managed manager mandatory many map mapping mark marked
marker marshaling mask masked master match matched matches matching materialized max maximum may md
means meant mebibytes media member members memory merge merging message messages meta metadata
method metric metrics might milliseconds minimal minimum minmxid minor minutes mirror misconfigured
mismatch mismatched misplaced missing mnt mode modifications modified modifier modify modules
modulus monitoring month months more most mount mounts move moved ms msg msgs mstype much multi
multidimensional multiple multirange multixact multixactid multixactoffset must mutable mutate
mutating mutually mux name named names namespace namespaced namespaces near nearly necessary need
needed needs negative negotiation neither nested net netmask netutils never new newer newline next
nil no nobody node nodes non nonce nondeterministic none nonstandard nor normal normalization
normalized normally not nothing now ns null nullable nulls number numbers numeric obj object objects
observed obtain occupying occurred occurs octal of off offline offset often oid oids ok old older
oldest oldestxid omit on once one online only oom op open opened operand operates operating
operation operations operator operatorconfiguration operators optimize option options opts or order
ordering ordinal origin original orphan os other otherwise out outer output outside over overall
overflow overhead overloaded override own owned owner ownership packet padding page pages pair panic
panicked panicking parallel parameter parameters params parent parenthesis parse parsed parser
parsing part partial partially partition partitioned partitioning partitions parts pass passed
passing password past patch path paths patroni pattern pause paused peer pending per perform
performance performed performing perhaps permanent permission permissions permitted
persistentvolumeclaim persistentvolumeclaims pg phase phrase physical pin pipe pl plan planner plans
platform platforms please plugin plugins pod poddisruptionbudget poddisruptionbudgets pods podutil
point pointer points policies policy poll polygon polymorphic population port portal ports position
positive possible possibly post postfix postgres postgresql postgresqls postmaster power pprof
preceding precision precondition pred predicate predicates prefix preload prepare prepared present
presented preserved prevent previous previously primary prior priority private privilege privileged
privileges probable probably probe problem problematic problems procedure procedures proceed process
processes processing profile program progress promote promoted promotion propagate properly
properties protection proto protobuf protocol provide provided provider providers provides proxy
proxying psql public publication publications publisher pull pulled pulling put pvc python qs
qualified quantity queries query queue queued queues quiescing quite quota quotas quote quoted
quotes raft raise raised random range rather ratio reach reached reaching read reading readonly
ready real reason rebuild receive received receiver recognized record recorded records recover
recovering recovery recreate recursion recursive redo reduce reduced redundant ref refer reference
referenced references referencing reflect refresh refused reg regex regexp register registered
registering registration registries registry regular reindex reindexed reinvoke reject rejected
rejects related relation relations relative release relfilenode reload reloaded reloading reltime
reltuples rely remain remainder remaining remote removable remove removed removing rename renamed
replace replaced replacing replica replicas replicated replication report reported reporting
represent representation req request requested requesting requests require required requirement
requirements requires res reserved reset resetting resize resolve resolved resource resourcequota
resources response rest restart restarted restarting restartpoint restarts restore restored
restoring restricted restriction result resulted results retransmits retries retrieval retrieve
retrieving retry retrying return returned returning returns revision revocation revoked rewrite
rewritten right rm role rolebinding rolebindings roles roll root rotation round route routine row
rows rule rules run running runs rv s safe safely said salt same sample sasl satisfied savepoints
say says sc scalar scale scan scanned scanning scans scheduled schema schemas scheme scope scopes
scram script scripts search searches searching seats seccomp second seconds secret secretbox secrets
section secure security see seed seek seem seems seen segment segments select selected selectivity
selector selects semantic semaphore semver send sender sending sent separate separated separator
sequence sequences serializable serialization serialize serializer serve server servers service
serviceaccount serviceaccounts services serving session sessions set sets setting settings setup
seventh several shall shared shell short shorter should show shows shut shutdown shutting side
sidecar sidecars sign signal signature signed simple simultaneous simultaneously since single six
size sizes skip skipped skipping sleep slice slices slot slots slow small smaller smallest smallint
snapbuild snapshot so socket sockets some somebody something soon sort sorting source space spec
special specific specification specifications specified specifier specifies specify specifying split
sprintf ssl sspi stable stack stage stale standard standby start started starting starts startup
stat state statefulset statefulsets statement statements statistics stats status stay stderr stdin
stdout step still stop stopped stopping storage store stored strategy strconv stream streaming
strict string stringer strings strong struct structure su sub subdirectory subfield subject
subprocess subquery subscript subscripting subscription subscriptions substitute subtract
subtransaction subtransactions subtype succeed succeeded success successful such sudo sufficient
suffix suitable sum superuser superusers supplied support supported supports sure surrogate svc
switchover symbol symbolic sync synced synchronization synchronize synchronous syncing syntax syslog
system t table tables tablesample tablespace tablespaces tag tags take taken target tcp team teams
tell template temporarily temporary term terminate terminated terminating test text than that the
their them then there therefore thesaurus these they thing things third this those though threads
three throttled through time timed timeline timeout timeouts times timestamp tinterval title tls to
toast together token tokens told toleration tombstone too took top total tracing trailing
transaction transactions transferred transform transformer transformers transition translate
transport tree tried tries trigger triggered triggers true truncate truncated truncation trusted try
trying tsquery tsvector tt tuning tuple tuples tuplestore turn turned turns twice two txn type typed
types typmod udp uid umask unable unambiguously unauthorized unavailable uncached unconditional
under underlying undesired unexpected unexpectedly unhandled unhealthy unicode unimplemented union
unique unit units unix unknown unless unlike unlogged unmap unmarshal unmarshaling unmatched unnamed
unprivileged unquoted unreachable unrecognized unsafe unset unsupported unterminated until up
updatable update updated updates updating upgrade upgraded upgrades upgrading upper upstream url us
usage use used useless user users uses using usually utilerrors utilfeature utilflowcontrol utility
utilnet utilruntime vacuum vacuumed vacuuming val valid validate validated validating validation
validator value values variable variables verb verification verified verify version versioned
versions very via view views violated violates violation violations volatile vols volume volumes
wait waiting waits wal walreceiver walsender want wanted wants warning warningf warnings was watch
watched watcher way ways we weak webhook webhooks webhookutil websocket week weight went were what
when where whether which while whitelist who whole whose why will window windows wire with within
without word work worker workers would wraparound wrapper write writer writes writing written wrong
wrote ws xid year yes yet yield you young your zero zone
`;

export const PLAIN_WORDS: ReadonlySet<string> = new Set(TEXT.trim().split(/\s+/));
