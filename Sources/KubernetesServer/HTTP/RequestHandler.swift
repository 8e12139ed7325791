/// What answers requests. The server's layers are handlers that hold the next one: who are you (Access), may you
/// (Access), what is it (Resources, Streams).
///
/// A handler runs in a task of its own, which is cancelled when the client has gone.
public protocol RequestHandler: Sendable {
    func handle(_ request: ServerRequest) async -> ServerResponse
}
