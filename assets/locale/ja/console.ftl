## The frame of the officials' pages
console-name = 担当者
console-title = 担当者の画面
console-menu = 主なメニュー
console-logout = ログアウト
# $name (String) - an official's name
# $role (String) - the role in words
console-who = { $name }（{ $role }）
console-top = トップ
console-cases = 感染報告
console-alerts = お知らせ
console-delivery = 送信状況
console-venues = 店舗・施設
console-officials = 担当者
console-audit = 操作記録
console-role-viewer = 閲覧者
console-role-tracer = 調査担当
console-role-approver = 承認者
console-role-auditor = 監査担当
console-role-admin = 管理者
# $time (String) - 22:34
console-as-of = { $time } 現在

## Words that many pages use
console-few = 5未満
console-back = もどる
console-again = ログインし直してください
console-again-text = 時間がたったため、ログアウトしました。ログインすると続けられます。
console-to-login = ログインする
console-prev = 前へ
console-next = 次へ
