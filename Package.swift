// swift-tools-version: 6.2
import PackageDescription

let products: [Product] = [
  // The contract: a studio imports this to write its webhook service in Swift.
  .library(name: "UmpireModel", targets: ["UmpireModel"]),
  .executable(name: "umpire", targets: ["umpire"]),
  .executable(name: "umpire-controller", targets: ["umpire-controller"]),
  .executable(name: "umpire-sidecar", targets: ["umpire-sidecar"]),
  .executable(name: "umpire-webhook", targets: ["umpire-webhook"]),
  .executable(name: "sample-game-server", targets: ["sample-game-server"]),
]

let dependencies: [Package.Dependency] = [
  .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
  .package(url: "https://github.com/apple/swift-async-algorithms.git", from: "1.1.4"),
  .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
  .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0", traits: []),
  .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
  .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
  .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
  .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
  .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.2"),
  .package(url: "https://github.com/apple/swift-protobuf.git", from: "1.39.0", traits: []),
  .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
  .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
  .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.3"),
  .package(url: "https://github.com/grpc/grpc-swift-nio-transport.git", from: "2.9.2"),
  .package(url: "https://github.com/grpc/grpc-swift-protobuf.git", from: "2.4.1"),
  .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
  .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
  .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
  .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2", traits: []),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncAlgorithms: Target.Dependency = .product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let grpcCore: Target.Dependency = .product(name: "GRPCCore", package: "grpc-swift-2")
let grpcHTTP2: Target.Dependency = .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")
let grpcProtobuf: Target.Dependency = .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let inMemoryLogging: Target.Dependency = .product(name: "InMemoryLogging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let metricsTestKit: Target.Dependency = .product(name: "MetricsTestKit", package: "swift-metrics")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1: Target.Dependency = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(name: "HummingbirdTesting", package: "hummingbird")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
// The file paths and descriptors that Subprocess takes.
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let libraries: [Target] = [
  // A hash that is the same in every process.
  .target(name: "StableHash"),
  // Kubernetes' own types, JSON, patches, selectors and request builders. No I/O.
  .target(name: "KubernetesModel", dependencies: [httpTypes]),
  // Regular expressions in RE2's syntax, matched in linear time.
  .target(name: "RegularExpression"),
  // CEL: a parser, a checker, and an evaluator of expressions. No I/O.
  .target(name: "CommonExpressionLanguage", dependencies: ["KubernetesModel", "RegularExpression"]),
  // The five kinds and WebhookReview, with defaulting and validation as pure functions.
  .target(name: "UmpireModel", dependencies: ["KubernetesModel"]),
  // YAML read into JSON values, within bounds.
  .target(name: "YAMLDocument", dependencies: ["KubernetesModel", yams]),
  // The protocol that every outgoing request goes through.
  .target(name: "HTTPTransport", dependencies: [httpTypes]),
  .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
  // Typed wrappers around libcurl's variadic functions.
  .target(name: "CCurlShims", dependencies: ["CCurl"]),
  // The one network implementation of HTTPTransport: libcurl's multi interface on its own thread.
  .target(
    name: "CurlTransport",
    dependencies: ["StableHash", "HTTPTransport", "CCurl", "CCurlShims", httpTypes, deque, metrics]),
  .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
  // What libcrypto has as macros that Swift cannot see.
  .target(name: "COpenSSLShims", dependencies: ["COpenSSL"]),
  // Certificates, keys, signatures and authentication codes through libcrypto.
  .target(name: "Cryptography", dependencies: ["COpenSSL", "COpenSSLShims"]),
  // Typed requests to a Kubernetes API server; kubeconfig and in-cluster configuration.
  .target(
    name: "KubernetesClient", dependencies: ["KubernetesModel", "HTTPTransport", httpTypes, logging, metrics, yams]),
  // Watcher, store, work queue, controller loop, leader election, event recorder.
  .target(
    name: "KubernetesRuntime",
    dependencies: ["KubernetesModel", "KubernetesClient", deque, heap, logging, metrics, lifecycle]),
  // One exchange of a WebhookReview with the studio's endpoint.
  .target(
    name: "WebhookClient",
    dependencies: ["KubernetesModel", "UmpireModel", "HTTPTransport", "Cryptography", httpTypes, logging, metrics]),
  // When which webhook is asked about which Server, and the conditions that come of it.
  .target(
    name: "WebhookProbing",
    dependencies: [
      "StableHash", "KubernetesModel", "UmpireModel", "HTTPTransport", "KubernetesClient", "KubernetesRuntime",
      "WebhookClient", "Cryptography", deque, heap, logging, metrics,
    ]),
  // Plays the caller against a studio's own endpoint, and judges what it answers.
  .target(
    name: "WebhookCheck",
    dependencies: ["KubernetesModel", "UmpireModel", "HTTPTransport", "Cryptography", "WebhookClient", httpTypes]),
  // Prometheus text exporter and JSON log lines.
  .target(name: "Observability", dependencies: [logging, metrics]),
  // What Swift cannot see of glibc's allocator.
  .target(name: "CAllocatorShims"),
  // Hummingbird: health, metrics route, request logs, and any HTTPTransport served on a socket.
  .target(
    name: "ServerSupport",
    dependencies: [
      "HTTPTransport", "Observability", "CAllocatorShims", httpTypes, hummingbird, hummingbirdCore, logging, metrics,
      lifecycle, nioCore, nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1, nioPosix, nioSSL,
    ]),
  // A planner (pure) and a reconciler (effects) for each kind.
  .target(
    name: "UmpireController",
    dependencies: [
      "StableHash", "KubernetesModel", "UmpireModel", "HTTPTransport", "KubernetesClient", "KubernetesRuntime",
      "WebhookClient",
      "WebhookProbing", "Cryptography", httpTypes, logging, metrics, lifecycle,
    ]),
  // Answers kube-apiserver whether objects of Umpire's kinds may be stored.
  .target(
    name: "UmpireAdmission",
    dependencies: [
      "KubernetesModel", "UmpireModel", "HTTPTransport", "Cryptography", "KubernetesClient", "KubernetesRuntime",
      "ServerSupport", httpTypes, hummingbird, logging, metrics, lifecycle,
    ]),
  // The messages and the service of Carrier's SDK, generated from sdk.proto.
  .target(
    name: "CarrierSDK", dependencies: [grpcCore, grpcProtobuf, protobuf], exclude: ["sdk.proto"]),
  // A reverse proxy that asks for a bearer token, in front of a game server's own port.
  .target(
    name: "ReverseProxy",
    dependencies: [
      "HTTPTransport", "Cryptography", "ServerSupport", httpTypes, lifecycle, logging, metrics, nioCore, nioPosix,
    ]),
  // What a studio switches on in the sidecar by a file: probes, hot updates, and a door in front of the game.
  .target(
    name: "SidecarPlugins",
    dependencies: [
      "KubernetesModel", "UmpireModel", "HTTPTransport", "Cryptography", "KubernetesClient", "KubernetesRuntime",
      "Observability", "ServerSupport", "ReverseProxy", "YAMLDocument", httpTypes, hummingbird, logging, metrics,
      lifecycle,
    ]),
  // What the game server and the controller talk to, beside every game server.
  .target(
    name: "UmpireSidecar",
    dependencies: [
      "KubernetesModel", "UmpireModel", "HTTPTransport", "KubernetesClient", "KubernetesRuntime", "WebhookClient",
      "WebhookProbing", "ServerSupport", "Observability", "Cryptography", "CarrierSDK", deque, grpcCore, grpcHTTP2,
      httpTypes, hummingbird, logging, metrics, lifecycle,
    ]),
  // Kubernetes REST semantics over a versioned store; usable in process and on a socket.
  .target(
    name: "APIServer",
    dependencies: [
      "StableHash", "KubernetesModel", "RegularExpression", "CommonExpressionLanguage", "YAMLDocument", "HTTPTransport",
      "Cryptography", httpTypes, deque, grdb, logging,
    ]),
  // Runs the containers of Pods as local processes.
  .target(
    name: "ProcessNode",
    dependencies: [
      "KubernetesModel", "KubernetesClient", "KubernetesRuntime", logging, lifecycle, subprocess, system,
    ]),
  // `umpire local`: the API server, the controller and the node in one process, and the demo.
  .target(
    name: "UmpireLocal",
    dependencies: [
      "KubernetesModel", "UmpireModel", "HTTPTransport", "CurlTransport", "KubernetesClient", "KubernetesRuntime",
      "APIServer", "Cryptography", "ProcessNode", "UmpireController", "UmpireAdmission", "WebhookClient",
      "WebhookProbing", "ServerSupport", "YAMLDocument", httpTypes, logging, metrics, lifecycle, unixSignals,
    ]),
  // The reference webhook server's routes and policies, apart from its executable so that tests can import them.
  .target(
    name: "ReferenceWebhook",
    dependencies: [
      "UmpireModel", "Cryptography", "ServerSupport", "Observability", httpTypes, hummingbird, logging,
    ],
    path: "webhooks/reference/Sources/ReferenceWebhook"),
  // The sample game server's match and line protocol, apart from its executable so that tests can import them.
  .target(name: "SampleGame", dependencies: ["HTTPTransport", httpTypes]),
  // Fixtures shared by the tests. Not a product.
  .target(
    name: "TestSupport", dependencies: ["KubernetesModel", "HTTPTransport", "Cryptography", httpTypes]),
  // An embedded cluster with Umpire's kinds, and a node that runs nothing, for tests. Not a product.
  .target(
    name: "ClusterTestSupport",
    dependencies: [
      "KubernetesModel", "HTTPTransport", "KubernetesClient", "KubernetesRuntime", "APIServer", "UmpireLocal",
      "CurlTransport", "ServerSupport", "TestSupport", httpTypes, logging,
    ]),
  // The real reconcilers over the embedded API server in virtual time, and faults at every step. Not a product.
  .target(
    name: "ClusterSimulation",
    dependencies: [
      "StableHash", "KubernetesModel", "UmpireModel", "HTTPTransport", "KubernetesClient", "KubernetesRuntime",
      "APIServer",
      "WebhookClient", "UmpireController", "UmpireLocal", "ClusterTestSupport", "TestSupport", httpTypes, logging,
      metrics,
    ]),
]

let executables: [Target] = [
  .executableTarget(
    name: "umpire",
    dependencies: [
      "KubernetesModel", "UmpireModel", "APIServer", "UmpireLocal", "Cryptography", "CurlTransport", "WebhookClient",
      "WebhookCheck", "ServerSupport", "Observability", argumentParser, logging, metrics,
    ]),
  .executableTarget(
    name: "umpire-controller",
    dependencies: [
      "UmpireController", "UmpireAdmission", "HTTPTransport", "CurlTransport", "KubernetesModel", "KubernetesClient",
      "KubernetesRuntime", "WebhookClient", "ServerSupport", "Observability", argumentParser, lifecycle, logging,
      metrics, unixSignals,
    ]),
  .executableTarget(
    name: "umpire-sidecar",
    dependencies: [
      "UmpireModel", "UmpireSidecar", "SidecarPlugins", "HTTPTransport", "CurlTransport", "KubernetesModel",
      "KubernetesClient", "WebhookClient", "WebhookProbing", "ServerSupport", "Observability", argumentParser,
      hummingbird, lifecycle, logging, metrics, unixSignals,
    ],
    // Relocations in a tenth of the space, as they are all read at the start: 3 MiB less in memory. Needs glibc 2.36.
    linkerSettings: [
      .unsafeFlags(
        ["-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"],
        .when(platforms: [.linux], configuration: .release))
    ]),
  .executableTarget(
    name: "umpire-webhook",
    dependencies: [
      "ReferenceWebhook", "HTTPTransport", "Cryptography", "ServerSupport", "Observability", argumentParser, lifecycle,
      logging, metrics, unixSignals,
    ],
    path: "webhooks/reference/Sources/umpire-webhook"),
  .executableTarget(
    name: "sample-game-server",
    dependencies: ["SampleGame", "HTTPTransport", "CurlTransport", argumentParser, unixSignals]),
  // Runs the simulations with every fault; not a product.
  .executableTarget(name: "crash-sweep", dependencies: ["ClusterSimulation", argumentParser]),
  // Counts the benchmarks' calls to malloc; linked by nothing else.
  .target(name: "AllocationCounterShims", path: "Benchmarks/AllocationCounterShims"),
  // What the benchmarks compare our client with.
  .target(name: "LibcurlLoop", dependencies: ["CCurl"], path: "Benchmarks/LibcurlLoop"),
  // Not a product, and not a package of its own: there it could not see `package` declarations.
  .executableTarget(
    name: "umpire-benchmarks",
    dependencies: [
      "KubernetesModel", "UmpireModel", "HTTPTransport", "CurlTransport", "KubernetesClient", "KubernetesRuntime",
      "ServerSupport", "Observability", "APIServer", "WebhookClient", "Cryptography", "UmpireLocal",
      "ClusterTestSupport", "AllocationCounterShims", "LibcurlLoop", argumentParser, httpTypes, logging,
    ],
    path: "Benchmarks/umpire-benchmarks"),
]

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name), "TestSupport"] + dependencies, exclude: exclude)
}

let testTargets: [Target] = [
  tests("StableHash", []),
  tests("KubernetesModel", [httpTypes]),
  tests("RegularExpression", []),
  tests("CommonExpressionLanguage", ["KubernetesModel"]),
  tests("UmpireModel", ["KubernetesModel", yams]),
  tests("YAMLDocument", ["KubernetesModel"]),
  tests(
    "CurlTransport", ["HTTPTransport", "ServerSupport", httpTypes, hummingbird, metrics, metricsTestKit]),
  tests("Cryptography", [subprocess]),
  tests("KubernetesClient", ["KubernetesModel", "HTTPTransport", "APIServer", httpTypes, metrics, metricsTestKit]),
  tests(
    "KubernetesRuntime",
    [
      "KubernetesModel", "KubernetesClient", "HTTPTransport", "APIServer", httpTypes, lifecycle, logging, metrics,
      metricsTestKit,
    ]),
  tests(
    "WebhookClient",
    [
      "KubernetesModel", "UmpireModel", "HTTPTransport", "CurlTransport", "Cryptography", httpTypes, logging, metrics,
      metricsTestKit, subprocess, system,
    ],
    exclude: ["Hostile/hostile_server.py"]),
  tests(
    "WebhookProbing",
    [
      "KubernetesModel", "UmpireModel", "HTTPTransport", "KubernetesClient", "KubernetesRuntime", "WebhookClient",
      "Cryptography", "ClusterTestSupport", httpTypes, logging, metrics,
    ]),
  tests(
    "WebhookCheck",
    [
      "KubernetesModel", "UmpireModel", "HTTPTransport", "Cryptography", "WebhookClient", "ReferenceWebhook",
      "ServerSupport", "Observability", "CurlTransport", httpTypes, hummingbird, lifecycle, logging,
    ]),
  tests("Observability", [logging, metrics]),
  tests(
    "ServerSupport",
    [
      "HTTPTransport", "CurlTransport", "Cryptography", "Observability", httpTypes, hummingbird, hummingbirdTesting,
      lifecycle, logging, metrics,
    ]),
  tests(
    "ReverseProxy",
    [
      "HTTPTransport", "ServerSupport", httpTypes, inMemoryLogging, lifecycle, logging, metrics, metricsTestKit,
      nioCore, nioEmbedded, nioHTTP1,
    ]),
  tests(
    "UmpireController",
    [
      "KubernetesModel", "UmpireModel", "HTTPTransport", "CurlTransport", "KubernetesClient", "KubernetesRuntime",
      "WebhookClient", "WebhookProbing", "Cryptography", "APIServer", "UmpireLocal", "ClusterTestSupport", httpTypes,
      logging, metrics,
    ]),
  tests(
    "UmpireAdmission",
    [
      "KubernetesModel", "UmpireModel", "HTTPTransport", "CurlTransport", "KubernetesClient", "KubernetesRuntime",
      "APIServer", "UmpireLocal", "Cryptography", "ClusterTestSupport", "ServerSupport", httpTypes, hummingbird,
      hummingbirdTesting, lifecycle, logging, metrics,
    ]),
  tests(
    "SidecarPlugins",
    [
      "KubernetesModel", "UmpireModel", "HTTPTransport", "CurlTransport", "KubernetesClient", "KubernetesRuntime",
      "Observability", "ServerSupport", "ReverseProxy", "APIServer", "ClusterTestSupport", httpTypes, hummingbird,
      hummingbirdTesting, lifecycle, logging, metrics, metricsTestKit,
    ]),
  tests(
    "UmpireSidecar",
    [
      "KubernetesModel", "UmpireModel", "HTTPTransport", "CurlTransport", "KubernetesClient", "ServerSupport",
      "WebhookClient", "WebhookProbing", "Observability", "Cryptography", "APIServer", "ClusterTestSupport",
      "CarrierSDK", grpcCore, grpcHTTP2, grpcProtobuf, httpTypes, hummingbird, hummingbirdCore, hummingbirdTesting,
      lifecycle, logging, metrics, metricsTestKit, yams,
    ]),
  tests(
    "ClusterSimulation",
    [
      "KubernetesClient", "KubernetesModel", "KubernetesRuntime", "UmpireModel", "crash-sweep", logging, metrics,
      subprocess, system,
    ]),
  tests("APIServer", ["KubernetesModel", "HTTPTransport", httpTypes]),
  tests("ProcessNode", ["KubernetesModel", "KubernetesClient", "APIServer", logging, subprocess]),
  tests(
    "ReferenceWebhook",
    [
      "UmpireModel", "Cryptography", "ServerSupport", "Observability", httpTypes, hummingbird, hummingbirdTesting,
      inMemoryLogging, logging,
    ]),
  tests("SampleGame", ["HTTPTransport", httpTypes]),
  // What we need of a Kubernetes API server, tested on the embedded one, in process and on a socket, and on a cluster.
  .testTarget(
    name: "ContractTests",
    dependencies: [
      "KubernetesModel", "UmpireModel", "HTTPTransport", "CurlTransport", "KubernetesClient", "KubernetesRuntime",
      "UmpireController", "UmpireAdmission", "UmpireSidecar", "SidecarPlugins", "UmpireLocal", "WebhookClient",
      "WebhookProbing", "APIServer", "ClusterTestSupport", "TestSupport", httpTypes, lifecycle, logging, metrics,
    ]),
  tests(
    "UmpireLocal",
    [
      "KubernetesModel", "UmpireModel", "HTTPTransport", "CurlTransport", "KubernetesClient", "APIServer",
      "UmpireAdmission", "UmpireController", "ServerSupport", "Cryptography", httpTypes, logging,
    ]),
  // The real kubectl against the embedded API server on a socket; skipped where there is none.
  .testTarget(
    name: "KubectlTests",
    dependencies: [
      "APIServer", "CurlTransport", "HTTPTransport", "KubernetesModel", "ProcessNode", "ServerSupport", "TestSupport",
      "UmpireLocal", httpTypes, logging, subprocess, system,
    ]),
  // Real processes: each numbered promise of the product, run as a user runs it.
  .testTarget(
    name: "IntegrationTests",
    dependencies: [
      "UmpireLocal", "UmpireAdmission", "CurlTransport", "KubernetesClient", "KubernetesModel", "UmpireModel",
      "HTTPTransport", "Cryptography", "TestSupport", "umpire", "umpire-controller", "umpire-sidecar",
      "umpire-webhook", "sample-game-server", "APIServer", "ServerSupport", "WebhookClient", "ClusterTestSupport",
      "UmpireSidecar", "CommonExpressionLanguage", httpTypes, lifecycle, logging, metrics, subprocess, system,
    ],
    exclude: ["SDK/Python", "Expressions/Python"]),
]

let package = Package(
  name: "umpire", products: products, dependencies: dependencies,
  targets: libraries + executables + testTargets)

let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),  // SE-0335
  .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
  .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
]
for target in package.targets where target.type != .system && !target.name.hasSuffix("Shims") {
  target.swiftSettings = (target.swiftSettings ?? []) + swiftSettings
}
