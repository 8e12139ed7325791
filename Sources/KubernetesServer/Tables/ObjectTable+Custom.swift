import JSONTree
import KubernetesModel
import KubernetesSchema

extension ObjectTable {
    /// The table of a resource as it is served.
    init(of resource: ServedResource) {
        if let version = resource.custom, !version.columns.isEmpty {
            self.init(version)
        } else if resource.isCustom {
            self.init([.name, .age]) { object, now in [object.nameCell, object.ageCell(now)] }
        } else {
            self = .builtin(resource.groupResource)
        }
    }

    /// `additionalPrinterColumns` of a custom resource; a column of type `date` shows how long ago that was.
    private init(_ version: CustomResource.Version) {
        let columns = version.columns
        self.init(
            [.name]
                + columns.map {
                    Column($0.name, type: $0.type, format: $0.format, priority: $0.priority, $0.description)
                }
        ) { object, now in
            [object.nameCell]
                + columns.map { column in
                    let cell = column.cell(of: .node(object))
                    guard column.type == "date" else { return cell }
                    let moment = cell.stringValue.flatMap { Timestamp($0) }
                    return .string(ElapsedTime.text(since: moment, now: now))
                }
        }
    }
}
