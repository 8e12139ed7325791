import JSONTree
import KubernetesModel
import Logging
import NIOHTTP1

/// The outer layer of the API server: who are you, may you, and the reviews that ask the same. What passes goes on to
/// the next handler with its user; its credentials and impersonation headers stay here.
public struct AccessHandler: RequestHandler {
    let authenticator: Authenticator
    let control: AccessControl
    let reviews: AccessReviews
    let tokens: TokenRequests
    let next: any RequestHandler
    let logger: Logger

    public init(authenticator: Authenticator, control: AccessControl, next: any RequestHandler, logger: Logger) {
        self.authenticator = authenticator
        self.control = control
        self.next = next
        self.logger = logger
        reviews = AccessReviews(authenticator: authenticator, control: control)
        tokens = TokenRequests(authenticator: authenticator)
    }

    public func handle(_ request: ServerRequest) async -> ServerResponse {
        var request = request
        do throws(AuthenticationFailure) {
            request.user = try await authenticator.user(of: request)
        } catch {
            logger.debug(
                "401", metadata: ["reason": "\(error)", "path": "\(request.path)", "peer": "\(request.peer.address)"])
            return .status(.unauthorized)
        }
        do throws(Impersonation.Malformed) {
            if let impersonation = try Impersonation(request.headers) {
                for demand in impersonation.demands {
                    let decision = await control.decide(request.user, demand)
                    guard decision.isAllowed else { return refused(request, demand, decision) }
                }
                request.user = impersonation.user
            }
        } catch {
            return .status(.internalError(error.message))
        }
        request.headers = Impersonation.removed(from: Authenticator.withoutCredentials(request.headers))
        let wanted = AccessAttributes(request)
        for attributes in [wanted] + wanted.alsoDemanded(by: request) {
            let decision = await control.decide(request.user, attributes)
            guard decision.isAllowed else { return refused(request, attributes, decision) }
        }
        if let answer = await reviews.answer(request, wanted) { return answer }
        if let answer = await tokens.answer(request, wanted) { return answer }
        return await next.handle(request)
    }

    private func refused(
        _ request: ServerRequest, _ wanted: AccessAttributes, _ decision: RBACPolicy.Decision
    ) -> ServerResponse {
        var response = ServerResponse.status(wanted.forbidden(request.user, reason: decision.reason))
        response.headers.add(name: "X-Content-Type-Options", value: "nosniff")
        return response
    }
}

extension AccessAttributes {
    /// A WebSocket begins with GET; running a command in a pod is a `create` all the same (kube-apiserver 1.35,
    /// AuthorizePodWebsocketUpgradeCreatePermission).
    fileprivate func alsoDemanded(by request: ServerRequest) -> [AccessAttributes] {
        guard verb == "get", group.isEmpty, resource == "pods", request.upgradeProtocol == "websocket",
            ["exec", "attach", "portforward"].contains(subresource)
        else { return [] }
        var create = self
        create.verb = "create"
        return [create]
    }
}

extension ServerResponse {
    /// A Status as the answer, with its code.
    static func status(_ status: Status) -> ServerResponse {
        var response = ServerResponse.json(
            status.value.serialized() + [UInt8(ascii: "\n")], status: status.code == 0 ? 200 : status.code)
        if let seconds = status.details?.retryAfterSeconds {
            response.headers.add(name: "Retry-After", value: String(seconds))
        }
        return response
    }
}
