import FoundationEssentials
import GRDB

/// Opens the database, makes its tables, and tells apart what may be wrong with it.
enum DatabaseOpening {
  /// Marks a file as one of ours, in SQLite's own header.
  private static let applicationIdentifier = 0x756D_7072
  private static let version = 1

  /// Opens a database that lives as long as the process.
  static func inMemory() throws(APIServerError) -> any DatabaseWriter {
    do {
      let database = try DatabaseQueue(configuration: Self.configuration)
      try database.write(Self.prepare)
      return database
    } catch {
      throw APIServerError(.storage, "cannot open a database in memory: \(error)")
    }
  }

  /// Opens the database in a folder, or creates it.
  ///
  /// A commit has reached the disk when it returns.
  static func file(in folder: String) throws(APIServerError) -> any DatabaseWriter {
    let path = folder + "/state.sqlite"
    do {
      let database = try DatabasePool(path: path, configuration: Self.configuration)
      try database.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA synchronous = FULL")
        try database.inTransaction {
          try Self.prepare(database)
          return .commit
        }
        let answer = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
        guard answer == "ok" else {
          throw Damage(reason: (answer ?? "no answer").replacing("\n", with: " "))
        }
      }
      return database
    } catch {
      throw Self.explain(error, path: path)
    }
  }

  private struct Damage: Error {
    var reason: String
  }

  private static var configuration: GRDB.Configuration {
    var configuration = GRDB.Configuration()
    configuration.foreignKeysEnabled = false
    configuration.busyMode = .timeout(5)
    configuration.maximumReaderCount = 4
    return configuration
  }

  private static func prepare(_ database: Database) throws {
    let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    guard tables == 0 else {
      let identifier = try Int.fetchOne(database, sql: "PRAGMA application_id")
      guard identifier == Self.applicationIdentifier else { throw Damage(reason: "it belongs to another program") }
      let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
      guard version == Self.version else { throw Damage(reason: "its version is \(version), not \(Self.version)") }
      return
    }
    try database.execute(
      sql: """
        PRAGMA application_id = \(Self.applicationIdentifier);
        PRAGMA user_version = \(Self.version);
        CREATE TABLE revision (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL);
        INSERT INTO revision VALUES (1, 0);
        CREATE TABLE object (
          id INTEGER PRIMARY KEY,
          resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
          uid TEXT NOT NULL, revision INTEGER NOT NULL, terminating INTEGER NOT NULL,
          labels BLOB NOT NULL, fields BLOB NOT NULL, value BLOB NOT NULL,
          UNIQUE (resource, namespace, name)
        );
        CREATE INDEX object_uid ON object (uid);
        CREATE TABLE owner (object INTEGER NOT NULL, uid TEXT NOT NULL, PRIMARY KEY (object, uid)) WITHOUT ROWID;
        CREATE INDEX owner_uid ON owner (uid);
        """)
  }

  private static func explain(_ error: any Error, path: String) -> APIServerError {
    if let damage = error as? Damage {
      return APIServerError(.databaseDamaged, "the database '\(path)' is damaged: \(damage.reason)")
    }
    guard let error = error as? DatabaseError else {
      return APIServerError(.storage, "cannot open the database '\(path)': \(error)")
    }
    let reason = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_NOTADB, .SQLITE_CORRUPT:
      return APIServerError(.databaseDamaged, "the database '\(path)' is damaged: \(reason)")
    case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      return APIServerError(.folderUnusable, "cannot open the database '\(path)': \(reason)")
    default:
      return APIServerError(.storage, "cannot open the database '\(path)': \(reason)")
    }
  }
}
