<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>AmbiguousPage</name>
    <message>
        <source>What was looked at</source>
        <translation>识别的画面</translation>
    </message>
    <message>
        <source>Confirm</source>
        <translation>确认</translation>
    </message>
    <message>
        <source>Confirm the chosen product (Enter)</source>
        <translation>确认所选商品（Enter）</translation>
    </message>
    <message>
        <source>Draw the region</source>
        <translation>框选区域</translation>
    </message>
    <message>
        <source>Look at a part only (R)</source>
        <translation>只看画面的一部分（R）</translation>
    </message>
    <message>
        <source>It is one of these {count}.</source>
        <translation>是这 {count} 件商品之一。</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>What differs: {fields}</source>
        <translation>不同之处：{fields}</translation>
    </message>
    <message>
        <source>Choose one with {keys}</source>
        <translation>按 {keys} 选择</translation>
    </message>
</context>
<context>
    <name>AnswerCard</name>
    <message>
        <source>Show an item</source>
        <extracomment>Answer, Candidate. Answer, Candidate: it is not this one. Candidate. Answer: look-alikes are on show, and nothing is marked on them yet. str: a sentence about what is missing for Enter to do something. Whether the candidate on show is confirmed; then Enter and N have nothing to do.</extracomment>
        <translation>请出示商品</translation>
    </message>
    <message>
        <source>It is confirmed already; Ctrl+Z takes it back.</source>
        <translation>已经确认过了；按 Ctrl+Z 可撤销。</translation>
    </message>
    <message>
        <source>Choose a product first, with its number.</source>
        <translation>请先按数字选择一件商品。</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Dismiss this message (F2)</source>
        <translation>关闭此消息（F2）</translation>
    </message>
</context>
<context>
    <name>BuildDialog</name>
    <message>
        <source>Build a catalog</source>
        <extracomment>Rows of the refused list that are shown; rejected.csv has all of them. Path: open the catalog in this folder.</extracomment>
        <translation>建立商品目录</translation>
    </message>
    <message>
        <source>A folder with products.csv (or .xlsx, .jsonl) and images/</source>
        <translation>包含 products.csv（或 .xlsx、.jsonl）和 images/ 的文件夹</translation>
    </message>
    <message>
        <source>Source folder</source>
        <translation>来源文件夹</translation>
    </message>
    <message>
        <source>Name of the catalog</source>
        <translation>目录名称</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Choose the source folder</source>
        <translation>选择来源文件夹</translation>
    </message>
    <message>
        <source>Build</source>
        <translation>建立</translation>
    </message>
    <message>
        <source>Build the catalog</source>
        <translation>建立目录</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop; the next build goes on where it stopped</source>
        <translation>停止；下次建立时从停止处继续</translation>
    </message>
    <message>
        <source>Open this catalog</source>
        <translation>打开此目录</translation>
    </message>
    <message>
        <source>Use the new catalog now</source>
        <translation>立即使用新目录</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Close this window; a running build goes on</source>
        <translation>关闭此窗口；正在进行的建立会继续</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Refused rows and photos</source>
        <translation>被拒绝的行和照片</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Line</source>
        <translation>行</translation>
    </message>
    <message>
        <source>SKU</source>
        <translation>SKU</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Done: {products} products, {photos} photos, {refused} refused, {seconds} s.</source>
        <translation>完成：{products} 件商品，{photos} 张照片，{refused} 项被拒绝，用时 {seconds} 秒。</translation>
    </message>
</context>
<context>
    <name>Building</name>
    <message>
        <source>Reading the products</source>
        <translation>正在读取商品</translation>
    </message>
    <message>
        <source>Looking at the photos</source>
        <translation>正在处理照片</translation>
    </message>
    <message>
        <source>Writing the catalog</source>
        <translation>正在写入目录</translation>
    </message>
    <message>
        <source>Building the index</source>
        <translation>正在建立索引</translation>
    </message>
    <message>
        <source>Learning what is certain</source>
        <translation>正在校准可信度</translation>
    </message>
    <message>
        <source>{rate} a second</source>
        <translation>每秒 {rate} 张</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>剩余 {time}</translation>
    </message>
</context>
<context>
    <name>CameraWatch</name>
    <message>
        <source>Opening the camera…</source>
        <extracomment>str: another camera, file or address, to be remembered. While it lasts the view goes on saying it: trying again every few seconds is no news.</extracomment>
        <translation>正在打开摄像头…</translation>
    </message>
    <message>
        <source>Meanwhile you can drop a photo here.</source>
        <translation>在此期间可以将照片拖到这里。</translation>
    </message>
    <message>
        <source>Videos</source>
        <translation>视频</translation>
    </message>
    <message>
        <source>Open a video</source>
        <translation>打开视频</translation>
    </message>
    <message>
        <source>Network camera</source>
        <translation>网络摄像头</translation>
    </message>
    <message>
        <source>Address, e.g. rtsp://camera/stream</source>
        <translation>地址，例如 rtsp://camera/stream</translation>
    </message>
</context>
<context>
    <name>CandidateRow</name>
    <message>
        <source>Candidate</source>
        <translation>候选商品</translation>
    </message>
    <message>
        <source>Catalog photo</source>
        <translation>目录照片</translation>
    </message>
</context>
<context>
    <name>CatalogDesk</name>
    <message>
        <source>Open the folder that holds the file CURRENT</source>
        <extracomment>Path | None: the folder to open at the next start; None is the demo. str: something to say for a moment.</extracomment>
        <translation>打开包含 CURRENT 文件的文件夹</translation>
    </message>
    <message>
        <source>{name} is open.</source>
        <translation>已打开 {name}。</translation>
    </message>
    <message>
        <source>Opening the catalog…</source>
        <translation>正在打开目录…</translation>
    </message>
    <message>
        <source>Preparing the demo catalog</source>
        <translation>正在准备演示目录</translation>
    </message>
</context>
<context>
    <name>CatalogPanel</name>
    <message>
        <source>Catalog</source>
        <translation>目录</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <source>Back to the answer (Esc)</source>
        <translation>返回结果（Esc）</translation>
    </message>
    <message>
        <source>Open a catalog</source>
        <translation>打开目录</translation>
    </message>
    <message>
        <source>The folder that holds the file CURRENT.</source>
        <translation>包含 CURRENT 文件的文件夹。</translation>
    </message>
    <message>
        <source>Build from a folder</source>
        <translation>从文件夹建立</translation>
    </message>
    <message>
        <source>A products file and photos of yours.</source>
        <translation>使用您自己的商品文件和照片。</translation>
    </message>
    <message>
        <source>Demo catalog</source>
        <translation>演示目录</translation>
    </message>
    <message>
        <source>Invented products that come with Skulens.</source>
        <translation>Skulens 自带的虚构商品。</translation>
    </message>
    <message>
        <source>No catalog is open</source>
        <translation>没有打开的目录</translation>
    </message>
    <message>
        <source>Store</source>
        <translation>门店</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Products</source>
        <translation>商品</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>Encoder</source>
        <translation>编码器</translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation>运行于</translation>
    </message>
    <message>
        <source>Why not better</source>
        <translation>未用更快方式的原因</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
</context>
<context>
    <name>ConfirmDesk</name>
    <message>
        <source>There is nothing to take back.</source>
        <extracomment>str: something to say for a moment. EngineError.</extracomment>
        <translation>没有可以撤销的操作。</translation>
    </message>
    <message>
        <source>Confirmed: {name}</source>
        <translation>已确认：{name}</translation>
    </message>
    <message>
        <source>Not this one: {name}. Ctrl+Z takes it back.</source>
        <translation>不是此商品：{name}。按 Ctrl+Z 可撤销。</translation>
    </message>
    <message>
        <source>Confirmed: {name}. It looks unlike its photos: alone it will not give a match.</source>
        <translation>已确认：{name}。它与该商品的照片不像：单凭这一次确认不会给出“匹配”。</translation>
    </message>
    <message>
        <source>Taken back: {name}</source>
        <translation>已撤销：{name}</translation>
    </message>
</context>
<context>
    <name>CrashNotice</name>
    <message>
        <source>Something went wrong</source>
        <translation>出错了</translation>
    </message>
    <message>
        <source>Skulens ended unexpectedly last time. It works again now, and nothing has to be done.</source>
        <translation>Skulens 上次意外退出。现在已恢复正常，无需任何操作。</translation>
    </message>
    <message>
        <source>Skulens met an error it did not expect. It goes on; start it again if something is odd.</source>
        <translation>Skulens 遇到意外错误，但会继续运行；如有异常请重新启动。</translation>
    </message>
    <message>
        <source>A report without pictures was saved. Send it to your store IT:</source>
        <translation>已保存一份不含图片的报告。请发送给门店 IT：</translation>
    </message>
    <message>
        <source>Path of the report</source>
        <translation>报告的路径</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
</context>
<context>
    <name>DetailPanel</name>
    <message>
        <source>Back</source>
        <extracomment>Photos shown; a catalog with more for one product shows the first ones.</extracomment>
        <translation>返回</translation>
    </message>
    <message>
        <source>Back to the answer (Esc)</source>
        <translation>返回结果（Esc）</translation>
    </message>
    <message>
        <source>Price</source>
        <translation>价格</translation>
    </message>
    <message>
        <source>Aisle</source>
        <translation>货架</translation>
    </message>
    <message>
        <source>In stock</source>
        <translation>库存</translation>
    </message>
    <message>
        <source>Catalog photo</source>
        <translation>目录照片</translation>
    </message>
    <message>
        <source>All fields</source>
        <translation>全部字段</translation>
    </message>
    <message>
        <source>Details of {name}</source>
        <translation>{name} 的详情</translation>
    </message>
    <message>
        <source>all locations</source>
        <translation>所有地点</translation>
    </message>
    <message>
        <source>SKU</source>
        <translation>SKU</translation>
    </message>
    <message>
        <source>GTIN</source>
        <translation>GTIN</translation>
    </message>
    <message>
        <source>Brand</source>
        <translation>品牌</translation>
    </message>
    <message>
        <source>Category</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>Name ({language})</source>
        <translation>名称（{language}）</translation>
    </message>
    <message>
        <source>{count} in stock, {age}</source>
        <translation>库存 {count}，{age}</translation>
    </message>
    <message>
        <source>Probability</source>
        <translation>概率</translation>
    </message>
    <message>
        <source>Cosine similarity</source>
        <translation>余弦相似度</translation>
    </message>
    <message>
        <source>Euclidean distance</source>
        <translation>欧氏距离</translation>
    </message>
    <message>
        <source>Steps in milliseconds</source>
        <translation>各步骤用时（毫秒）</translation>
    </message>
    <message>
        <source>Photo {number}</source>
        <translation>照片 {number}</translation>
    </message>
</context>
<context>
    <name>Elsewhere</name>
    <message>
        <source>Elsewhere</source>
        <translation>其他地点</translation>
    </message>
    <message>
        <source>By location</source>
        <translation>各地点库存</translation>
    </message>
    <message>
        <source> (and {count} more)</source>
        <translation>（另有 {count} 处）</translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source>Something went wrong.</source>
        <translation>出错了。</translation>
    </message>
    <message>
        <source>Try again; if it happens again, send the log file to your store IT.</source>
        <translation>请重试；若再次发生，请将日志文件发送给门店 IT。</translation>
    </message>
    <message>
        <source>Version {version} is not newer than {published}, which is published in {channel}.</source>
        <translation>版本 {version} 不比频道 {channel} 中已发布的 {published} 新。</translation>
    </message>
    <message>
        <source>Build the catalog anew, or publish the folder that it was built in.</source>
        <translation>请重新建立目录，或发布建立它的那个文件夹。</translation>
    </message>
    <message>
        <source>There is no role {role}.</source>
        <translation>没有名为 {role} 的角色。</translation>
    </message>
    <message>
        <source>The roles are {roles}.</source>
        <translation>可用的角色有：{roles}。</translation>
    </message>
    <message>
        <source>The private key of {role} does not open with this passphrase.</source>
        <translation>这个口令打不开 {role} 的私钥。</translation>
    </message>
    <message>
        <source>Set SKULENS_KEY_PASSPHRASE, or type it again.</source>
        <translation>请设置 SKULENS_KEY_PASSPHRASE，或重新输入。</translation>
    </message>
    <message>
        <source>The private key of {role} is not in {folder}.</source>
        <translation>{folder} 中没有 {role} 的私钥。</translation>
    </message>
    <message>
        <source>Name the folder of the keys with --keys, or bring the key from where it is kept.</source>
        <translation>请用 --keys 指明密钥所在的文件夹，或从保管处取来密钥。</translation>
    </message>
    <message>
        <source>There is a repository in {folder} already.</source>
        <translation>{folder} 中已经有一个发布库。</translation>
    </message>
    <message>
        <source>Choose an empty folder; a new repository would have other keys, and no store would trust it.</source>
        <translation>请选择空文件夹；新的发布库会用别的密钥，没有门店会信任它。</translation>
    </message>
    <message>
        <source>{folder} is no published repository ({reason}).</source>
        <translation>{folder} 不是发布库（{reason}）。</translation>
    </message>
    <message>
        <source>Check the folder, or make one with `skulens publish init`.</source>
        <translation>请检查文件夹，或用 `skulens publish init` 建立一个。</translation>
    </message>
    <message>
        <source>{folder} is being renewed by another process.</source>
        <translation>另一个进程正在更新 {folder}。</translation>
    </message>
    <message>
        <source>Wait until it is done, or stop it and try again.</source>
        <translation>请等它完成，或停止它后再试。</translation>
    </message>
    <message>
        <source>The renewal needs {needed_mb} MB on the disk of {folder}, and {free_mb} MB are free.</source>
        <translation>更新需要 {folder} 所在磁盘有 {needed_mb} MB 空间，现有 {free_mb} MB。</translation>
    </message>
    <message>
        <source>Free some space; the catalog stays as it is and the next renewal tries again.</source>
        <translation>请腾出一些空间；目录保持原样，下次更新会再试。</translation>
    </message>
    <message>
        <source>Version {version} cannot be used here ({reason}).</source>
        <translation>版本 {version} 在这里不能使用（{reason}）。</translation>
    </message>
    <message>
        <source>The catalog stays as it is. Tell head office the version and the reason.</source>
        <translation>目录保持原样。请把版本和原因告诉总部。</translation>
    </message>
    <message>
        <source>{file} arrived damaged ({reason}).</source>
        <translation>{file} 收到时已损坏（{reason}）。</translation>
    </message>
    <message>
        <source>Nothing was changed; the next renewal fetches it again.</source>
        <translation>没有改动任何内容；下次更新会重新获取。</translation>
    </message>
    <message>
        <source>The signature on {file} of {server} was valid until {expired}.</source>
        <translation>{server} 的 {file} 的签名有效期到 {expired} 为止。</translation>
    </message>
    <message>
        <source>The catalog stays in use. Check the clock of this machine, and ask head office for `skulens publish refresh`.</source>
        <translation>目录继续使用。请检查本机时钟，并请总部运行 `skulens publish refresh`。</translation>
    </message>
    <message>
        <source>What {server} offers as {file} is not what head office signed ({reason}).</source>
        <translation>{server} 提供的 {file} 不是总部签名的内容（{reason}）。</translation>
    </message>
    <message>
        <source>Nothing was changed. Tell head office: its publishing went wrong, or somebody has changed the files.</source>
        <translation>没有改动任何内容。请告诉总部：发布出了错，或有人改动了文件。</translation>
    </message>
    <message>
        <source>{server} did not send {file} as it should ({reason}).</source>
        <translation>{server} 没有按应有的方式发送 {file}（{reason}）。</translation>
    </message>
    <message>
        <source>Nothing was changed. If it happens again, tell whoever runs the server.</source>
        <translation>没有改动任何内容。如果再次发生，请告诉服务器的管理者。</translation>
    </message>
    <message>
        <source>{server} cannot be reached for {file} ({reason}).</source>
        <translation>无法从 {server} 取得 {file}（{reason}）。</translation>
    </message>
    <message>
        <source>Check the network and the address; the catalog stays as it is and the next renewal tries again.</source>
        <translation>请检查网络和地址；目录保持原样，下次更新会再试。</translation>
    </message>
    <message>
        <source>{folder} has no source to be renewed from.</source>
        <translation>{folder} 没有设置更新来源。</translation>
    </message>
    <message>
        <source>Set one with `skulens sync init --source ADDRESS --root root.json --catalog {folder}`.</source>
        <translation>请用 `skulens sync init --source 地址 --root root.json --catalog {folder}` 设置。</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>已停止。</translation>
    </message>
    <message>
        <source>Start it again to go on where it stopped.</source>
        <translation>再次启动即可从停止处继续。</translation>
    </message>
    <message>
        <source>There is no screen for the window (neither DISPLAY nor WAYLAND_DISPLAY is set).</source>
        <translation>没有可以显示窗口的屏幕（DISPLAY 和 WAYLAND_DISPLAY 均未设置）。</translation>
    </message>
    <message>
        <source>Use the command line, as in `skulens find photo.jpg`, or start Skulens on a desktop.</source>
        <translation>请使用命令行，例如 `skulens find photo.jpg`，或在桌面环境中启动 Skulens。</translation>
    </message>
    <message>
        <source>The video {name} cannot be shown ({reason}).</source>
        <translation>无法播放视频 {name}（{reason}）。</translation>
    </message>
    <message>
        <source>Choose another file, or a camera.</source>
        <translation>请选择其他文件或摄像头。</translation>
    </message>
    <message>
        <source>The stream {name} gives no picture ({reason}).</source>
        <translation>视频流 {name} 没有画面（{reason}）。</translation>
    </message>
    <message>
        <source>Check its address and the network; Skulens tries again by itself.</source>
        <translation>请检查地址和网络；Skulens 会自动重试。</translation>
    </message>
    <message>
        <source>The camera {name} is used by another program or access to it is not allowed.</source>
        <translation>摄像头 {name} 正被其他程序使用，或未获访问权限。</translation>
    </message>
    <message>
        <source>Close the other program, or allow camera access in the system&apos;s privacy settings.</source>
        <translation>请关闭其他程序，或在系统隐私设置中允许访问摄像头。</translation>
    </message>
    <message>
        <source>The camera {name} was unplugged.</source>
        <translation>摄像头 {name} 已断开。</translation>
    </message>
    <message>
        <source>Plug it in again; Skulens goes on by itself.</source>
        <translation>请重新插上；Skulens 会自动继续。</translation>
    </message>
    <message>
        <source>No camera is connected.</source>
        <translation>未连接摄像头。</translation>
    </message>
    <message>
        <source>Plug a camera in, or drop a photo on the window.</source>
        <translation>请插入摄像头，或将照片拖到窗口中。</translation>
    </message>
    <message>
        <source>The settings file {name} cannot be read ({reason}); the defaults are used.</source>
        <translation>无法读取设置文件 {name}（{reason}）；已使用默认设置。</translation>
    </message>
    <message>
        <source>Set what you need again; the old file is kept beside it.</source>
        <translation>请重新设置；旧文件已保留在旁边。</translation>
    </message>
    <message>
        <source>{folder} cannot be written ({reason}).</source>
        <translation>无法写入 {folder}（{reason}）。</translation>
    </message>
    <message>
        <source>Choose another folder, or ask your store IT for the right to write there.</source>
        <translation>请选择其他文件夹，或向门店 IT 申请写入权限。</translation>
    </message>
    <message>
        <source>There is no space left on the disk of {folder}.</source>
        <translation>{folder} 所在磁盘空间已满。</translation>
    </message>
    <message>
        <source>Free some space and try again; nothing that was stored before is lost.</source>
        <translation>请腾出空间后重试；先前保存的内容没有丢失。</translation>
    </message>
    <message>
        <source>The loss was not a number in step {step}; the batch showed: {photos}.</source>
        <translation>第 {step} 步的损失不是数值；该批次的照片：{photos}。</translation>
    </message>
    <message>
        <source>Look at these photos, or train with a lower learning rate; the last checkpoint is kept.</source>
        <translation>请检查这些照片，或以更低的学习率训练；最后一个检查点已保留。</translation>
    </message>
    <message>
        <source>The checkpoint {name} cannot be used ({reason}).</source>
        <translation>检查点 {name} 无法使用（{reason}）。</translation>
    </message>
    <message>
        <source>Train with the options and sources that it was made with, or begin anew in another folder.</source>
        <translation>请使用创建它时的选项和数据源进行训练，或在另一个文件夹中重新开始。</translation>
    </message>
    <message>
        <source>The photos in {folder} cannot be used ({reason}).</source>
        <translation>{folder} 中的照片无法使用（{reason}）。</translation>
    </message>
    <message>
        <source>Give a folder with more readable photos.</source>
        <translation>请提供包含更多可读照片的文件夹。</translation>
    </message>
    <message>
        <source>`{command}` needs the package {package}, which is not installed.</source>
        <translation>`{command}` 需要软件包 {package}，但尚未安装。</translation>
    </message>
    <message>
        <source>Install it with: pip install &apos;skulens[{extra}]&apos;</source>
        <translation>安装命令：pip install &apos;skulens[{extra}]&apos;</translation>
    </message>
    <message>
        <source>{name} cannot be used as a list of queries ({reason}).</source>
        <translation>{name} 不能用作查询列表（{reason}）。</translation>
    </message>
    <message>
        <source>Give it the columns `path` and `sku`; paths are relative to the file.</source>
        <translation>请包含 `path` 和 `sku` 两列；路径相对于该文件。</translation>
    </message>
    <message>
        <source>No usable photo was found for the products in {folder} ({refused} refused).</source>
        <translation>{folder} 中没有可用的商品照片（{refused} 张被拒绝）。</translation>
    </message>
    <message>
        <source>Put photos in images/&lt;sku&gt;/ or name them in the column `images`; rejected.csv beside the catalog says what was refused and why. The old catalog is unchanged.</source>
        <translation>请将照片放入 images/&lt;sku&gt;/，或在 `images` 列中写明；目录旁的 rejected.csv 列出了被拒绝的内容及原因。旧目录保持不变。</translation>
    </message>
    <message>
        <source>{name} would take {size_mb} MB unpacked; the limit is {limit_mb} MB.</source>
        <translation>{name} 解压后需 {size_mb} MB；上限为 {limit_mb} MB。</translation>
    </message>
    <message>
        <source>Split the file, or save it as CSV.</source>
        <translation>请拆分文件，或另存为 CSV。</translation>
    </message>
    <message>
        <source>{name} has no column {missing}; it has: {found}.</source>
        <translation>{name} 缺少列 {missing}；现有列：{found}。</translation>
    </message>
    <message>
        <source>Add the column; its name goes in the first row.</source>
        <translation>请添加该列；列名写在第一行。</translation>
    </message>
    <message>
        <source>{name} cannot be read ({reason}).</source>
        <translation>无法读取 {name}（{reason}）。</translation>
    </message>
    <message>
        <source>Save it again from your spreadsheet as CSV (UTF-8) or XLSX.</source>
        <translation>请在电子表格软件中重新保存为 CSV（UTF-8）或 XLSX。</translation>
    </message>
    <message>
        <source>There is no products.csv, products.xlsx or products.jsonl in {folder}.</source>
        <translation>{folder} 中没有 products.csv、products.xlsx 或 products.jsonl。</translation>
    </message>
    <message>
        <source>Put a products file with at least a column `sku` there.</source>
        <translation>请放入至少包含 `sku` 列的商品文件。</translation>
    </message>
    <message>
        <source>There is no confirmation {number} in {folder} that could be undone.</source>
        <translation>{folder} 中没有可以撤销的确认 {number}。</translation>
    </message>
    <message>
        <source>List them with `skulens overlay list`.</source>
        <translation>用 `skulens overlay list` 列出所有确认。</translation>
    </message>
    <message>
        <source>The confirmations in {folder} cannot be used ({reason}).</source>
        <translation>{folder} 中的确认记录无法使用（{reason}）。</translation>
    </message>
    <message>
        <source>Move overlay.sqlite to another folder: Skulens then begins a new one; lookups go on without it.</source>
        <translation>请将 overlay.sqlite 移到其他文件夹：Skulens 会新建一个；没有它也可以继续识别。</translation>
    </message>
    <message>
        <source>The SKU {sku} ({where}) is not in this catalog.</source>
        <translation>SKU {sku}（{where}）不在此目录中。</translation>
    </message>
    <message>
        <source>Correct the SKU, or leave it empty for an item that is not in the catalog.</source>
        <translation>请更正 SKU；对于不在目录中的商品请留空。</translation>
    </message>
    <message>
        <source>The catalog in {folder} has no earlier version to go back to.</source>
        <translation>{folder} 中的目录没有可恢复的旧版本。</translation>
    </message>
    <message>
        <source>Build the catalog again from its source.</source>
        <translation>请从来源重新建立目录。</translation>
    </message>
    <message>
        <source>Another process is changing the catalog in {folder}.</source>
        <translation>另一个程序正在更改 {folder} 中的目录。</translation>
    </message>
    <message>
        <source>Wait until it has finished, then try again.</source>
        <translation>请等待其完成后重试。</translation>
    </message>
    <message>
        <source>The catalog in {folder} was made with the encoder {needed}, but {found} is loaded.</source>
        <translation>{folder} 中的目录由编码器 {needed} 建立，但当前加载的是 {found}。</translation>
    </message>
    <message>
        <source>Build the catalog again with `skulens build`, or install the encoder that it names.</source>
        <translation>请用 `skulens build` 重新建立目录，或安装所需的编码器。</translation>
    </message>
    <message>
        <source>The catalog in {folder} has format {found}; this version of Skulens reads up to {supported}.</source>
        <translation>{folder} 中目录的格式为 {found}；此版本的 Skulens 最高支持 {supported}。</translation>
    </message>
    <message>
        <source>Update Skulens on this machine.</source>
        <translation>请更新此计算机上的 Skulens。</translation>
    </message>
    <message>
        <source>The catalog in {folder} is damaged ({reason}).</source>
        <translation>{folder} 中的目录已损坏（{reason}）。</translation>
    </message>
    <message>
        <source>Go back with `skulens rollback`, or build it again.</source>
        <translation>请用 `skulens rollback` 恢复旧版本，或重新建立。</translation>
    </message>
    <message>
        <source>There is no catalog in {folder}.</source>
        <translation>{folder} 中没有目录。</translation>
    </message>
    <message>
        <source>Choose the folder that holds the file CURRENT, or build a catalog with `skulens build`.</source>
        <translation>请选择包含 CURRENT 文件的文件夹，或用 `skulens build` 建立目录。</translation>
    </message>
    <message>
        <source>The provider {provider} does not work on this machine ({reason}).</source>
        <translation>运算方式 {provider} 在此计算机上不可用（{reason}）。</translation>
    </message>
    <message>
        <source>Leave --provider out to let Skulens choose, or run `skulens doctor`.</source>
        <translation>请去掉 --provider 让 Skulens 自动选择，或运行 `skulens doctor`。</translation>
    </message>
    <message>
        <source>The encoder gave no usable answer on {provider} ({reason}).</source>
        <translation>编码器在 {provider} 上没有给出可用结果（{reason}）。</translation>
    </message>
    <message>
        <source>Start with --provider cpu and run `skulens doctor`.</source>
        <translation>请以 --provider cpu 启动，并运行 `skulens doctor`。</translation>
    </message>
    <message>
        <source>The encoder file {name} is damaged ({reason}).</source>
        <translation>编码器文件 {name} 已损坏（{reason}）。</translation>
    </message>
    <message>
        <source>Install Skulens again, or copy the encoder folder again.</source>
        <translation>请重新安装 Skulens，或重新复制编码器文件夹。</translation>
    </message>
    <message>
        <source>The encoder {encoder_id} that this catalog needs is not on this machine.</source>
        <translation>此计算机上没有该目录所需的编码器 {encoder_id}。</translation>
    </message>
    <message>
        <source>Install the version of Skulens that made the catalog, or build the catalog again.</source>
        <translation>请安装建立该目录的 Skulens 版本，或重新建立目录。</translation>
    </message>
    <message>
        <source>{name} has only {width} x {height} pixels; at least {minimum} in each direction are needed.</source>
        <translation>{name} 只有 {width} x {height} 像素；每个方向至少需要 {minimum} 像素。</translation>
    </message>
    <message>
        <source>Take the picture again from closer.</source>
        <translation>请靠近后重新拍摄。</translation>
    </message>
    <message>
        <source>{name} has {size_mb} MB; the limit for a picture is {limit_mb} MB.</source>
        <translation>{name} 有 {size_mb} MB；图片上限为 {limit_mb} MB。</translation>
    </message>
    <message>
        <source>Save a smaller copy and try again.</source>
        <translation>请保存较小的副本后重试。</translation>
    </message>
    <message>
        <source>{name} has {width} x {height} pixels; the limit is {limit_megapixels} megapixels.</source>
        <translation>{name} 有 {width} x {height} 像素；上限为 {limit_megapixels} 百万像素。</translation>
    </message>
    <message>
        <source>{name} ends too early; a part of the picture is missing.</source>
        <translation>{name} 不完整，缺少部分画面。</translation>
    </message>
    <message>
        <source>Copy the picture again from where it came.</source>
        <translation>请从来源处重新复制图片。</translation>
    </message>
    <message>
        <source>{name} cannot be read as a picture ({reason}).</source>
        <translation>无法将 {name} 读取为图片（{reason}）。</translation>
    </message>
    <message>
        <source>Open it in another program and save it as JPEG or PNG.</source>
        <translation>请用其他程序打开并另存为 JPEG 或 PNG。</translation>
    </message>
    <message>
        <source>{name} is empty.</source>
        <translation>{name} 是空文件。</translation>
    </message>
    <message>
        <source>{name} is a folder, not a picture.</source>
        <translation>{name} 是文件夹，不是图片。</translation>
    </message>
    <message>
        <source>Choose a picture in it, or open the folder in the warehouse view.</source>
        <translation>请选择其中的图片，或在仓库视图中打开该文件夹。</translation>
    </message>
    <message>
        <source>There is no file {name}.</source>
        <translation>没有文件 {name}。</translation>
    </message>
    <message>
        <source>Check the name, or drop the picture on the window again.</source>
        <translation>请检查名称，或重新将图片拖到窗口中。</translation>
    </message>
    <message>
        <source>The encoder {encoder_id} was adapted from another than {found}, which encoded the photos in {folder}.</source>
        <translation>编码器 {encoder_id} 并非由 {found} 适配而来，而 {folder} 中的照片是由后者编码的。</translation>
    </message>
    <message>
        <source>Run `skulens build` once more for this catalog, then adapt it.</source>
        <translation>请对此目录再次运行 skulens build，然后再进行适配。</translation>
    </message>
    <message>
        <source>The catalog in {folder} came signed from elsewhere; a change here would break its updates.</source>
        <translation>{folder} 中的目录是从别处签名发布的；在此更改会使其无法更新。</translation>
    </message>
    <message>
        <source>Run this where the catalog is built, and publish the result.</source>
        <translation>请在建立该目录的地方运行，然后发布结果。</translation>
    </message>
    <message>
        <source>The catalog in {folder} has stored features of only {found} of its {needed} photos.</source>
        <translation>{folder} 中的目录共有 {needed} 张照片，但只存有 {found} 张的特征。</translation>
    </message>
    <message>
        <source>Run `skulens build` for it with its own encoder; features are kept in features.sqlite beside CURRENT.</source>
        <translation>请用该目录自己的编码器运行 skulens build；特征保存在 CURRENT 旁边的 features.sqlite 中。</translation>
    </message>
</context>
<context>
    <name>EngineReason</name>
    <message>
        <source>a file does not match its SHA-256</source>
        <translation>有文件与其 SHA-256 不符</translation>
    </message>
    <message>
        <source>a row that is no stock level</source>
        <translation>有一行不是库存数</translation>
    </message>
    <message>
        <source>a stored vector has not the length 1</source>
        <translation>存储的向量长度不为 1</translation>
    </message>
    <message>
        <source>a vector that came is not there</source>
        <translation>收到的一个向量不在其中</translation>
    </message>
    <message>
        <source>another Skulens holds the settings</source>
        <translation>另一个 Skulens 正在使用设置</translation>
    </message>
    <message>
        <source>another catalog has this version</source>
        <translation>另一个目录用了这个版本号</translation>
    </message>
    <message>
        <source>another catalog has this version here</source>
        <translation>这里另一个目录用了这个版本号</translation>
    </message>
    <message>
        <source>damaged JPEG</source>
        <translation>JPEG 已损坏</translation>
    </message>
    <message>
        <source>it cannot be drawn on</source>
        <translation>无法在其上绘制</translation>
    </message>
    <message>
        <source>it cannot be unpacked</source>
        <translation>无法解包</translation>
    </message>
    <message>
        <source>it comes too slowly</source>
        <translation>传输太慢</translation>
    </message>
    <message>
        <source>it does not fit into memory</source>
        <translation>内存不足</translation>
    </message>
    <message>
        <source>it does not say what it starts from</source>
        <translation>没有说明从哪个内容开始</translation>
    </message>
    <message>
        <source>it has no metadata</source>
        <translation>没有元数据</translation>
    </message>
    <message>
        <source>it has no rows</source>
        <translation>没有任何行</translation>
    </message>
    <message>
        <source>it has no sheet</source>
        <translation>没有工作表</translation>
    </message>
    <message>
        <source>it has other tables than a delta</source>
        <translation>其中的表不是增量的表</translation>
    </message>
    <message>
        <source>it holds no settings</source>
        <translation>其中没有设置</translation>
    </message>
    <message>
        <source>it is a file</source>
        <translation>它是一个文件</translation>
    </message>
    <message>
        <source>it is being removed</source>
        <translation>正在被删除</translation>
    </message>
    <message>
        <source>it is cut off or goes on too long</source>
        <translation>内容被截断或过长</translation>
    </message>
    <message>
        <source>it is empty</source>
        <translation>内容为空</translation>
    </message>
    <message>
        <source>it is far too large</source>
        <translation>过大</translation>
    </message>
    <message>
        <source>it is longer than it may be</source>
        <translation>超过允许的长度</translation>
    </message>
    <message>
        <source>it is no stock, or made by a newer Skulens</source>
        <translation>不是库存文件，或由更新版本的 Skulens 制作</translation>
    </message>
    <message>
        <source>it is not JSON</source>
        <translation>不是 JSON</translation>
    </message>
    <message>
        <source>it is not UTF-8 text</source>
        <translation>不是 UTF-8 文本</translation>
    </message>
    <message>
        <source>it is not a file</source>
        <translation>不是文件</translation>
    </message>
    <message>
        <source>it is not a picture in a known format</source>
        <translation>不是已知格式的图片</translation>
    </message>
    <message>
        <source>it is too large</source>
        <translation>过大</translation>
    </message>
    <message>
        <source>it unpacks to other bytes than were signed</source>
        <translation>解包后的内容与签名的不同</translation>
    </message>
    <message>
        <source>its SHA-256 is another one</source>
        <translation>SHA-256 不符</translation>
    </message>
    <message>
        <source>its SHA-256 is not the one in encoder.json</source>
        <translation>其 SHA-256 与 encoder.json 不符</translation>
    </message>
    <message>
        <source>its calibration makes no sense</source>
        <translation>校准数据无效</translation>
    </message>
    <message>
        <source>its document is not readable as JSON</source>
        <translation>其文件无法按 JSON 读取</translation>
    </message>
    <message>
        <source>its first sheet is empty</source>
        <translation>第一张工作表为空</translation>
    </message>
    <message>
        <source>its memory is shorter than its size</source>
        <translation>其内存小于其尺寸</translation>
    </message>
    <message>
        <source>its name is not known here</source>
        <translation>无法解析其名称</translation>
    </message>
    <message>
        <source>its probe vector is not valid</source>
        <translation>探测向量无效</translation>
    </message>
    <message>
        <source>its text is in no encoding that spreadsheets write</source>
        <translation>文本编码不是电子表格常用的编码</translation>
    </message>
    <message>
        <source>no folder for temporary files has room</source>
        <translation>临时文件没有可用的文件夹</translation>
    </message>
    <message>
        <source>not an XLSX file, or damaged</source>
        <translation>不是 XLSX 文件或已损坏</translation>
    </message>
    <message>
        <source>not every vector has an owner</source>
        <translation>有向量没有对应商品</translation>
    </message>
    <message>
        <source>only addresses like rtsp://camera/stream can be opened</source>
        <translation>只能打开形如 rtsp://camera/stream 的地址</translation>
    </message>
    <message>
        <source>overlay.key is no key</source>
        <translation>overlay.key 不是密钥</translation>
    </message>
    <message>
        <source>the PDF stayed empty</source>
        <translation>PDF 仍为空</translation>
    </message>
    <message>
        <source>the counts are not those of the manifest</source>
        <translation>数量与清单不符</translation>
    </message>
    <message>
        <source>the delta leads to other content than was signed</source>
        <translation>增量得出的内容与签名的不同</translation>
    </message>
    <message>
        <source>the delta starts from other content than is active here</source>
        <translation>增量的起点与这里使用中的内容不同</translation>
    </message>
    <message>
        <source>the delta starts from other content than is here</source>
        <translation>增量的起点与这里的内容不同</translation>
    </message>
    <message>
        <source>the driver does not give its memory</source>
        <translation>驱动程序未提供内存</translation>
    </message>
    <message>
        <source>the file is damaged</source>
        <translation>文件已损坏</translation>
    </message>
    <message>
        <source>the index has other labels than the catalog</source>
        <translation>索引的标签与目录不一致</translation>
    </message>
    <message>
        <source>the index has other vectors than the catalog</source>
        <translation>索引中的向量与目录的不同</translation>
    </message>
    <message>
        <source>the key of its pictures is not on this machine</source>
        <translation>其图片的密钥不在本机上</translation>
    </message>
    <message>
        <source>the record names a file outside</source>
        <translation>记录指向了外部文件</translation>
    </message>
    <message>
        <source>there is no such file</source>
        <translation>没有此文件</translation>
    </message>
    <message>
        <source>they cannot be read</source>
        <translation>无法读取</translation>
    </message>
    <message>
        <source>vectors of different lengths</source>
        <translation>向量长度不一致</translation>
    </message>
</context>
<context>
    <name>EngineRemark</name>
    <message>
        <source>The GPU of this machine did not work; the CPU is used. Run `skulens doctor`.</source>
        <translation>此计算机的显卡无法使用，已改用处理器。请运行 `skulens doctor`。</translation>
    </message>
    <message>
        <source>The picture is blurred. Hold the item still, or move the camera back.</source>
        <translation>画面模糊。请拿稳商品，或将摄像头移远一些。</translation>
    </message>
    <message>
        <source>The picture is dark. Turn on more light.</source>
        <translation>画面太暗。请增加照明。</translation>
    </message>
    <message>
        <source>The picture is too bright. Turn the item away from the lamp.</source>
        <translation>画面太亮。请将商品避开灯光。</translation>
    </message>
    <message>
        <source>The picture has few pixels. Take it from closer, or in a higher resolution.</source>
        <translation>画面像素太少。请靠近拍摄，或提高分辨率。</translation>
    </message>
    <message>
        <source>The stock figures are old. Count on the shelf, or have the stock file renewed.</source>
        <translation>库存数据已过时。请查看货架，或更新库存文件。</translation>
    </message>
    <message>
        <source>There are no stock figures for this product. Look on the shelf.</source>
        <translation>该商品没有库存数据。请查看货架。</translation>
    </message>
    <message>
        <source>The catalog is old; prices may have changed. Build it again from newer data.</source>
        <translation>目录较旧，价格可能已变。请用新数据重新建立。</translation>
    </message>
</context>
<context>
    <name>HistoryList</name>
    <message>
        <source>Scans of this session</source>
        <extracomment>Older scans are forgotten. str: a SKU.</extracomment>
        <translation>本次扫描记录</translation>
    </message>
    <message>
        <source>Scans of this session appear here.</source>
        <translation>本次的扫描记录会显示在这里。</translation>
    </message>
    <message>
        <source>This session</source>
        <translation>本次扫描</translation>
    </message>
    <message>
        <source>CONFIRMED</source>
        <translation>已确认</translation>
    </message>
</context>
<context>
    <name>IdlePage</name>
    <message>
        <source>Show an item</source>
        <translation>请出示商品</translation>
    </message>
    <message>
        <source>Hold it in front of the camera, or drop a photo anywhere on this window.</source>
        <translation>将商品举到摄像头前，或将照片拖到窗口任意位置。</translation>
    </message>
    <message>
        <source>Open a picture</source>
        <translation>打开图片</translation>
    </message>
    <message>
        <source>From this machine.</source>
        <translation>来自此计算机。</translation>
    </message>
    <message>
        <source>Try a sample</source>
        <translation>试用样片</translation>
    </message>
    <message>
        <source>A photo that comes with Skulens.</source>
        <translation>Skulens 自带的照片。</translation>
    </message>
    <message>
        <source>Search by text</source>
        <translation>文字搜索</translation>
    </message>
    <message>
        <source>Name, brand, SKU or GTIN.</source>
        <translation>名称、品牌、SKU 或 GTIN。</translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message>
        <source>The current picture and its candidates</source>
        <translation>当前图片及候选商品</translation>
    </message>
    <message>
        <source>The picture that was looked up</source>
        <translation>识别的图片</translation>
    </message>
    <message>
        <source>Confirm (Enter)</source>
        <translation>确认（Enter）</translation>
    </message>
    <message>
        <source>Confirm this row (Enter)</source>
        <translation>确认此行（Enter）</translation>
    </message>
    <message>
        <source>Not in catalog (Del)</source>
        <translation>不在目录中（Del）</translation>
    </message>
    <message>
        <source>The item is not in the catalog (Delete)</source>
        <translation>该商品不在目录中（Delete）</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Take the last decision back (Ctrl+Z)</source>
        <translation>撤销上一个决定（Ctrl+Z）</translation>
    </message>
    <message>
        <source>You said: not in this catalog.</source>
        <translation>您已判定：不在此目录中。</translation>
    </message>
    <message>
        <source>Not in this catalog, as it seems. Enter confirms that; 1 to 9 choose a product.</source>
        <translation>似乎不在此目录中。按 Enter 确认；按 1 至 9 选择商品。</translation>
    </message>
    <message>
        <source>You confirmed: {name}</source>
        <translation>您已确认：{name}</translation>
    </message>
    <message>
        <source>One of these; most likely: {name}</source>
        <translation>其中之一；最可能是：{name}</translation>
    </message>
</context>
<context>
    <name>Intake</name>
    <message>
        <source>The pasted picture</source>
        <extracomment>Samples are shown in steps of this, so that neighbours in the alphabet do not follow each other. A still is about to be looked up. list[Path]: pictures and folders for the warehouse. str: something to say for a moment. ImageError: what was brought cannot be looked up.</extracomment>
        <translation>粘贴的图片</translation>
    </message>
    <message>
        <source>An address was dropped or pasted; Skulens does not open addresses.</source>
        <translation>拖入或粘贴的是网址；Skulens 不会打开网址。</translation>
    </message>
    <message>
        <source>Save the picture on this machine and drop the file.</source>
        <translation>请将图片保存到此计算机，再拖入文件。</translation>
    </message>
    <message>
        <source>There is no picture on the clipboard.</source>
        <translation>剪贴板中没有图片。</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Open pictures</source>
        <translation>打开图片</translation>
    </message>
    <message>
        <source>No samples are installed.</source>
        <translation>没有安装样片。</translation>
    </message>
</context>
<context>
    <name>KeyHelp</name>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Close this sheet (Esc)</source>
        <translation>关闭此页（Esc）</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>空格</translation>
    </message>
    <message>
        <source>Freeze the view and look up</source>
        <translation>定格画面并识别</translation>
    </message>
    <message>
        <source>Back, or go on with the live view</source>
        <translation>返回，或继续实时画面</translation>
    </message>
    <message>
        <source>Confirm the product</source>
        <translation>确认商品</translation>
    </message>
    <message>
        <source>Not this one</source>
        <translation>不是这个</translation>
    </message>
    <message>
        <source>Take the last confirmation back</source>
        <translation>撤销上一次确认</translation>
    </message>
    <message>
        <source>Choose a candidate</source>
        <translation>选择候选商品</translation>
    </message>
    <message>
        <source>Details: all fields and photos</source>
        <translation>详情：全部字段和照片</translation>
    </message>
    <message>
        <source>Draw the region; arrows move it, Shift resizes</source>
        <translation>框选区域；方向键移动，Shift 调整大小</translation>
    </message>
    <message>
        <source>Take the region away</source>
        <translation>取消区域</translation>
    </message>
    <message>
        <source>Hint: more light</source>
        <translation>提示：增加光线</translation>
    </message>
    <message>
        <source>Try a sample</source>
        <translation>试用样片</translation>
    </message>
    <message>
        <source>Open a picture</source>
        <translation>打开图片</translation>
    </message>
    <message>
        <source>Paste a picture</source>
        <translation>粘贴图片</translation>
    </message>
    <message>
        <source>Search the catalog by text</source>
        <translation>用文字搜索目录</translation>
    </message>
    <message>
        <source>Go through the products found</source>
        <translation>浏览找到的商品</translation>
    </message>
    <message>
        <source>Warehouse</source>
        <translation>仓库</translation>
    </message>
    <message>
        <source>Choose a camera</source>
        <translation>选择摄像头</translation>
    </message>
    <message>
        <source>Catalog: open, build, information</source>
        <translation>目录：打开、建立、信息</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Dismiss a message</source>
        <translation>关闭消息</translation>
    </message>
    <message>
        <source>This sheet</source>
        <translation>本页</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>全屏</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
</context>
<context>
    <name>LabelDialog</name>
    <message>
        <source>Labels</source>
        <extracomment>str: what was done, for the line above the table. EngineError.</extracomment>
        <translation>标签</translation>
    </message>
    <message>
        <source>Label sheet</source>
        <translation>标签纸</translation>
    </message>
    <message>
        <source>Only rows that were confirmed</source>
        <translation>仅已确认的行</translation>
    </message>
    <message>
        <source>Save as PDF…</source>
        <translation>保存为 PDF…</translation>
    </message>
    <message>
        <source>Save the labels as a PDF file</source>
        <translation>将标签保存为 PDF 文件</translation>
    </message>
    <message>
        <source>Print…</source>
        <translation>打印…</translation>
    </message>
    <message>
        <source>Print the labels</source>
        <translation>打印标签</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Close this window</source>
        <translation>关闭此窗口</translation>
    </message>
    <message>
        <source>Labels: {labels}, pages: {pages}. The bars are the GTIN, or the SKU where there is none.</source>
        <translation>标签：{labels}，页数：{pages}。条码为 GTIN；没有 GTIN 时为 SKU。</translation>
    </message>
    <message>
        <source>There is no label to print yet: confirm rows first.</source>
        <translation>还没有可打印的标签：请先确认行。</translation>
    </message>
    <message>
        <source>{count} labels: {where}.</source>
        <translation>{count} 个标签：{where}。</translation>
    </message>
    <message>
        <source>{count} have no bars: their SKU is too long or not plain letters.</source>
        <translation>{count} 个没有条码：其 SKU 过长或含有特殊字符。</translation>
    </message>
    <message>
        <source>Save the labels</source>
        <translation>保存标签</translation>
    </message>
    <message>
        <source>Print labels</source>
        <translation>打印标签</translation>
    </message>
</context>
<context>
    <name>MarkedPhoto</name>
    <message>
        <source>What to look at, enlarged</source>
        <extracomment>A part larger than this share of the photo is not enlarged: it would be the photo again. What is shown around the part, as a share of its longer side.</extracomment>
        <translation>需要看的部分，已放大</translation>
    </message>
</context>
<context>
    <name>ProbabilityBar</name>
    <message>
        <source>Probability</source>
        <extracomment>Corners of a photo that differ by at most this (0..255) are one background, if it is at least this light.</extracomment>
        <translation>概率</translation>
    </message>
</context>
<context>
    <name>ProductPage</name>
    <message>
        <source>YOUR CHOICE</source>
        <extracomment>A page at least this high has room for two rows of other candidates.</extracomment>
        <translation>您的选择</translation>
    </message>
    <message>
        <source>CONFIRMED</source>
        <translation>已确认</translation>
    </message>
    <message>
        <source>Probability</source>
        <translation>概率</translation>
    </message>
    <message>
        <source>sure</source>
        <translation>把握</translation>
    </message>
    <message>
        <source>Catalog photo</source>
        <translation>目录照片</translation>
    </message>
    <message>
        <source>What was looked at</source>
        <translation>识别的画面</translation>
    </message>
    <message>
        <source>Price</source>
        <translation>价格</translation>
    </message>
    <message>
        <source>Aisle</source>
        <translation>货架</translation>
    </message>
    <message>
        <source>In stock here</source>
        <translation>本店库存</translation>
    </message>
    <message>
        <source>Or is it one of these?</source>
        <translation>或者是其中之一？</translation>
    </message>
    <message>
        <source>Confirm</source>
        <translation>确认</translation>
    </message>
    <message>
        <source>Confirm this product (Enter)</source>
        <translation>确认此商品（Enter）</translation>
    </message>
    <message>
        <source>Not this one</source>
        <translation>不是这个</translation>
    </message>
    <message>
        <source>Say that it is not this product (N)</source>
        <translation>说明不是此商品（N）</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Take the confirmation back (Ctrl+Z)</source>
        <translation>撤销此确认（Ctrl+Z）</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>All fields and photos (Ctrl+I)</source>
        <translation>全部字段和照片（Ctrl+I）</translation>
    </message>
    <message>
        <source>In the catalog</source>
        <translation>目录照片</translation>
    </message>
    <message>
        <source>Your item</source>
        <translation>您的商品</translation>
    </message>
    <message>
        <source>all locations</source>
        <translation>所有地点</translation>
    </message>
    <message>
        <source>In stock</source>
        <translation>库存</translation>
    </message>
</context>
<context>
    <name>Refusal</name>
    <message>
        <source>The row has no SKU.</source>
        <translation>该行没有 SKU。</translation>
    </message>
    <message>
        <source>The SKU cannot be used.</source>
        <translation>该 SKU 无法使用。</translation>
    </message>
    <message>
        <source>An earlier row has this SKU; that one is kept.</source>
        <translation>前面的行已有此 SKU，保留前面的行。</translation>
    </message>
    <message>
        <source>The product is not in the catalog.</source>
        <translation>该商品不在目录中。</translation>
    </message>
    <message>
        <source>The text is too long.</source>
        <translation>文字过长。</translation>
    </message>
    <message>
        <source>The price cannot be used.</source>
        <translation>价格无法使用。</translation>
    </message>
    <message>
        <source>The price is negative.</source>
        <translation>价格为负数。</translation>
    </message>
    <message>
        <source>The price can be read in two ways.</source>
        <translation>价格有两种读法，无法确定。</translation>
    </message>
    <message>
        <source>The price has more decimals than its currency.</source>
        <translation>价格的小数位数多于其货币允许的位数。</translation>
    </message>
    <message>
        <source>The currency is not known.</source>
        <translation>货币未知。</translation>
    </message>
    <message>
        <source>The price and the row name two currencies.</source>
        <translation>价格与该行写明的货币不一致。</translation>
    </message>
    <message>
        <source>The sign stands for several currencies.</source>
        <translation>该符号可代表多种货币。</translation>
    </message>
    <message>
        <source>The GTIN was left out; the product is kept.</source>
        <translation>GTIN 已略去，商品保留。</translation>
    </message>
    <message>
        <source>The row has more cells than there are columns.</source>
        <translation>该行的单元格多于列数。</translation>
    </message>
    <message>
        <source>A quotation mark is never closed.</source>
        <translation>引号没有闭合。</translation>
    </message>
    <message>
        <source>The row cannot be read.</source>
        <translation>该行无法读取。</translation>
    </message>
    <message>
        <source>The column comes twice; the first one is used.</source>
        <translation>该列出现两次，使用第一列。</translation>
    </message>
    <message>
        <source>The column is not used.</source>
        <translation>该列未被使用。</translation>
    </message>
    <message>
        <source>The stock row cannot be used.</source>
        <translation>该库存行无法使用。</translation>
    </message>
    <message>
        <source>The quantity is negative.</source>
        <translation>数量为负数。</translation>
    </message>
    <message>
        <source>The time cannot be read.</source>
        <translation>时间无法读取。</translation>
    </message>
    <message>
        <source>An earlier row has the stock of this SKU.</source>
        <translation>前面的行已有此 SKU 的库存。</translation>
    </message>
    <message>
        <source>Times without a zone were taken as UTC; the rows are kept.</source>
        <translation>没有时区的时间按 UTC 处理，这些行保留。</translation>
    </message>
    <message>
        <source>The stock table as a whole cannot be used.</source>
        <translation>整个库存表无法使用。</translation>
    </message>
    <message>
        <source>The path is absolute.</source>
        <translation>路径是绝对路径。</translation>
    </message>
    <message>
        <source>The path leaves the source folder.</source>
        <translation>路径超出了源文件夹。</translation>
    </message>
    <message>
        <source>The path is not followed.</source>
        <translation>未采用该路径。</translation>
    </message>
    <message>
        <source>An address is never fetched.</source>
        <translation>不会从网址获取内容。</translation>
    </message>
    <message>
        <source>There is no such photo.</source>
        <translation>没有这张照片。</translation>
    </message>
    <message>
        <source>It is a folder, not a photo.</source>
        <translation>这是文件夹，不是照片。</translation>
    </message>
    <message>
        <source>There is no photo that can be read.</source>
        <translation>没有可以读取的照片。</translation>
    </message>
    <message>
        <source>The photo is too large.</source>
        <translation>照片文件过大。</translation>
    </message>
    <message>
        <source>No row of the products claims this photo.</source>
        <translation>商品表中没有任何行使用这张照片。</translation>
    </message>
    <message>
        <source>The same picture comes again under one SKU; it is stored once.</source>
        <translation>同一 SKU 下重复出现同一张图片，只保存一次。</translation>
    </message>
    <message>
        <source>Two SKUs have the same picture; no lookup can tell them apart.</source>
        <translation>两个 SKU 使用同一张图片，查找时无法区分。</translation>
    </message>
    <message>
        <source>The file is no picture that can be used.</source>
        <translation>该文件不是可用的图片。</translation>
    </message>
    <message>
        <source>A part of the picture is missing.</source>
        <translation>图片缺少一部分。</translation>
    </message>
    <message>
        <source>The picture is too large.</source>
        <translation>图片过大。</translation>
    </message>
    <message>
        <source>The picture is too small.</source>
        <translation>图片过小。</translation>
    </message>
</context>
<context>
    <name>ScanPage</name>
    <message>
        <source>Look up</source>
        <translation>识别</translation>
    </message>
    <message>
        <source>Freeze the view and look up (Space)</source>
        <translation>定格画面并识别（空格）</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Go on with the live view (Esc)</source>
        <translation>继续实时画面（Esc）</translation>
    </message>
    <message>
        <source>Region</source>
        <translation>区域</translation>
    </message>
    <message>
        <source>Look at a part only (R)</source>
        <translation>只看画面的一部分（R）</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Open a picture (Ctrl+O)</source>
        <translation>打开图片（Ctrl+O）</translation>
    </message>
    <message>
        <source>Paste</source>
        <translation>粘贴</translation>
    </message>
    <message>
        <source>Paste a picture (Ctrl+V)</source>
        <translation>粘贴图片（Ctrl+V）</translation>
    </message>
</context>
<context>
    <name>Scanner</name>
    <message>
        <source>The pasted picture</source>
        <extracomment>Live lookups start at most this often on average: 25 a second leaves a small machine&apos;s cores some rest. Answer: show this card. Answer: the same subject as on the card; only figures changed. EngineError. bool: whether the view stands still. Picture: a still that the view should show. Region | None: where the newest live answer looked. bool: a still is being looked up. Of the present stream. It is never emptied, another one takes its place: the lane may be using it.</extracomment>
        <translation>粘贴的图片</translation>
    </message>
</context>
<context>
    <name>SearchPanel</name>
    <message>
        <source>Back</source>
        <extracomment>A search starts when no key was pressed for this long. str: a SKU. EngineError.</extracomment>
        <translation>返回</translation>
    </message>
    <message>
        <source>Back to the answer (Esc)</source>
        <translation>返回结果（Esc）</translation>
    </message>
    <message>
        <source>Products found</source>
        <translation>找到的商品</translation>
    </message>
    <message>
        <source>Products found: {count}</source>
        <translation>找到 {count} 件商品</translation>
    </message>
    <message>
        <source>No product has the words “{words}”. Try a shorter word, a brand or a number.</source>
        <translation>没有商品包含“{words}”。请尝试更短的词、品牌或编号。</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <extracomment>Left, top, right and bottom of the text in a box of numbers: the style sheet does not reach it. A choice of how long, which is no number of days.</extracomment>
        <translation>设置</translation>
    </message>
    <message>
        <source>As in the stock file, e.g. shop</source>
        <translation>与库存文件一致，例如 shop</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Choose the fastest that works</source>
        <translation>自动选择可用的最快方式</translation>
    </message>
    <message>
        <source>Processor (CPU)</source>
        <translation>处理器（CPU）</translation>
    </message>
    <message>
        <source>Graphics card (CUDA)</source>
        <translation>显卡（CUDA）</translation>
    </message>
    <message>
        <source> h</source>
        <translation> 小时</translation>
    </message>
    <message>
        <source> days</source>
        <translation> 天</translation>
    </message>
    <message>
        <source>Not kept</source>
        <translation>不保留</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30 天</translation>
    </message>
    <message>
        <source>1 year</source>
        <translation>1 年</translation>
    </message>
    <message>
        <source>For ever</source>
        <translation>永久</translation>
    </message>
    <message>
        <source>Keep the pictures of this session&apos;s scans in the history</source>
        <translation>在历史中保留本次扫描的图片</translation>
    </message>
    <message>
        <source>Encrypt the pictures that you confirm, with a key in your profile</source>
        <translation>用您配置文件夹中的密钥加密确认时的图片</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Save the settings (Enter)</source>
        <translation>保存设置（Enter）</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Leave everything as it is (Esc)</source>
        <translation>保持原样（Esc）</translation>
    </message>
    <message>
        <source>First camera found</source>
        <translation>第一个可用摄像头</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>摄像头</translation>
    </message>
    <message>
        <source>A camera&apos;s name, a video file, or an address like rtsp://camera/1</source>
        <translation>摄像头名称、视频文件或形如 rtsp://camera/1 的地址</translation>
    </message>
    <message>
        <source>This store&apos;s stock location</source>
        <translation>本店的库存地点</translation>
    </message>
    <message>
        <source>Shown first on every card</source>
        <translation>在每张卡片上优先显示</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Used from the next start on</source>
        <translation>下次启动时生效</translation>
    </message>
    <message>
        <source>Computes on</source>
        <translation>运算设备</translation>
    </message>
    <message>
        <source>Used when the catalog is opened next</source>
        <translation>下次打开目录时生效</translation>
    </message>
    <message>
        <source>Products in an answer</source>
        <translation>每次结果的商品数</translation>
    </message>
    <message>
        <source>How many products a lookup lists</source>
        <translation>一次识别列出多少件商品</translation>
    </message>
    <message>
        <source>Stock is old after</source>
        <translation>库存过时期限</translation>
    </message>
    <message>
        <source>Older figures are marked on the card</source>
        <translation>更旧的数据会在卡片上标出</translation>
    </message>
    <message>
        <source>Catalog is old after</source>
        <translation>目录过时期限</translation>
    </message>
    <message>
        <source>An older one is marked in the status bar</source>
        <translation>更旧的目录会在状态栏标出</translation>
    </message>
    <message>
        <source>Pictures you confirm are kept</source>
        <translation>确认时的图片保留</translation>
    </message>
    <message>
        <source>On this machine only, so that a new encoder can look at them again</source>
        <translation>仅在本机，以便新的编码器重新识别</translation>
    </message>
    <message>
        <source>They stay in memory only and are gone when the window closes</source>
        <translation>仅保存在内存中，关闭窗口后即消失</translation>
    </message>
    <message>
        <source>Whoever copies the catalog&apos;s folder cannot see them; without the key nobody can</source>
        <translation>复制目录文件夹的人看不到这些图片；没有密钥谁也看不到</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>No catalog</source>
        <translation>无目录</translation>
    </message>
    <message>
        <source>{name}  ·  version {version}, {age}  ·  {count} products</source>
        <translation>{name}  ·  版本 {version}，{age}  ·  {count} 件商品</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>Graphics card</source>
        <translation>显卡</translation>
    </message>
    <message>
        <source>Status: {text}</source>
        <translation>状态：{text}</translation>
    </message>
    <message>
        <source>{rate} frames/s</source>
        <translation>{rate} 帧/秒</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>Search: name, brand, SKU, GTIN</source>
        <extracomment>str: &apos;&apos; is the first camera, else a name, a file or an address.</extracomment>
        <translation>搜索：名称、品牌、SKU、GTIN</translation>
    </message>
    <message>
        <source>Search the catalog by text</source>
        <translation>用文字搜索目录</translation>
    </message>
    <message>
        <source>Search the catalog by text (Ctrl+F)</source>
        <translation>用文字搜索目录（Ctrl+F）</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>摄像头</translation>
    </message>
    <message>
        <source>Choose a camera (Ctrl+K)</source>
        <translation>选择摄像头（Ctrl+K）</translation>
    </message>
    <message>
        <source>Warehouse</source>
        <translation>仓库</translation>
    </message>
    <message>
        <source>Many pictures at once (Ctrl+W)</source>
        <translation>一次处理多张图片（Ctrl+W）</translation>
    </message>
    <message>
        <source>Catalog</source>
        <translation>目录</translation>
    </message>
    <message>
        <source>Open, build, information (Ctrl+L)</source>
        <translation>打开、建立、信息（Ctrl+L）</translation>
    </message>
    <message>
        <source>Settings (Ctrl+,)</source>
        <translation>设置（Ctrl+,）</translation>
    </message>
    <message>
        <source>Keys (F1)</source>
        <translation>快捷键（F1）</translation>
    </message>
    <message>
        <source>Cameras</source>
        <translation>摄像头</translation>
    </message>
    <message>
        <source>First camera found</source>
        <translation>第一个可用摄像头</translation>
    </message>
    <message>
        <source>Video file…</source>
        <translation>视频文件…</translation>
    </message>
    <message>
        <source>Network camera…</source>
        <translation>网络摄像头…</translation>
    </message>
</context>
<context>
    <name>TwinCard</name>
    <message>
        <source>Candidate</source>
        <translation>候选商品</translation>
    </message>
    <message>
        <source>Catalog photo</source>
        <translation>目录照片</translation>
    </message>
</context>
<context>
    <name>UnknownPage</name>
    <message>
        <source>Not in this catalog</source>
        <translation>不在此目录中</translation>
    </message>
    <message>
        <source>What was looked at</source>
        <translation>识别的画面</translation>
    </message>
    <message>
        <source>Closer</source>
        <translation>靠近一些</translation>
    </message>
    <message>
        <source>Let the item fill the view.</source>
        <translation>让商品充满画面。</translation>
    </message>
    <message>
        <source>More light</source>
        <translation>增加光线</translation>
    </message>
    <message>
        <source>Turn it until no glare is left.</source>
        <translation>转动商品，避免反光。</translation>
    </message>
    <message>
        <source>Draw the region</source>
        <translation>框选区域</translation>
    </message>
    <message>
        <source>Frame the item in the view.</source>
        <translation>在画面中框出商品。</translation>
    </message>
    <message>
        <source>Search by text</source>
        <translation>文字搜索</translation>
    </message>
    <message>
        <source>A word from the label.</source>
        <translation>标签上的一个词。</translation>
    </message>
    <message>
        <source>Nearest in the catalog</source>
        <translation>目录中最接近的商品</translation>
    </message>
    <message>
        <source>What you can do</source>
        <translation>您可以</translation>
    </message>
    <message>
        <source>Nothing recognised yet</source>
        <translation>尚未识别到商品</translation>
    </message>
    <message>
        <source>Hold an item up; Space looks at it with more care.</source>
        <translation>请举起商品；按空格可更仔细地识别。</translation>
    </message>
    <message>
        <source>Nothing in it looks enough like this item (chance that it is there: {share}).</source>
        <translation>目录中没有足够相似的商品（在目录中的可能性：{share}）。</translation>
    </message>
    <message>
        <source>Not recognised</source>
        <translation>未能识别</translation>
    </message>
    <message>
        <source>It may be in the catalog (chance: {share}), but nothing there looks enough like it.</source>
        <translation>它可能在目录中（可能性：{share}），但其中没有足够相似的商品。</translation>
    </message>
</context>
<context>
    <name>Viewfinder</name>
    <message>
        <source>No camera yet</source>
        <extracomment>A drag shorter than this share of the view is a click, which takes the drawn region away. Region | None.</extracomment>
        <translation>尚无摄像头</translation>
    </message>
    <message>
        <source>Drop a photo here, or choose a camera above.</source>
        <translation>将照片拖到这里，或在上方选择摄像头。</translation>
    </message>
    <message>
        <source>Viewfinder</source>
        <translation>取景器</translation>
    </message>
    <message>
        <source>Drag to look at a part only. With the keyboard: R, then the arrow keys; with Shift they resize.</source>
        <translation>拖动以只看一部分。键盘操作：按 R，再用方向键；按住 Shift 调整大小。</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>识别中…</translation>
    </message>
    <message>
        <source>FROZEN</source>
        <translation>已定格</translation>
    </message>
    <message>
        <source>LIVE</source>
        <translation>实时</translation>
    </message>
</context>
<context>
    <name>WarehouseModel</name>
    <message>
        <source>Picture</source>
        <extracomment>set[Path]: whose pictures are there now.</extracomment>
        <translation>图片</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>商品</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>Probability</source>
        <translation>概率</translation>
    </message>
    <message>
        <source>Decision</source>
        <translation>决定</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>UNREADABLE</source>
        <translation>无法读取</translation>
    </message>
    <message>
        <source>Not in this catalog</source>
        <translation>不在此目录中</translation>
    </message>
    <message>
        <source>Not in this catalog; nearest: {name}</source>
        <translation>不在此目录中；最接近：{name}</translation>
    </message>
    <message>
        <source>confirmed</source>
        <translation>已确认</translation>
    </message>
    <message>
        <source>not in catalog</source>
        <translation>不在目录中</translation>
    </message>
    <message>
        <source>open</source>
        <translation>未决定</translation>
    </message>
    <message>
        <source>look at it</source>
        <translation>请查看</translation>
    </message>
</context>
<context>
    <name>WarehouseTable</name>
    <message>
        <source>Looked-up pictures, most doubtful first</source>
        <extracomment>More than rows fit on a screen. The tone of a row without a verdict. int: place of the candidate. int: row that became current, -1 for none.</extracomment>
        <translation>已识别的图片，最可疑的在前</translation>
    </message>
    <message>
        <source>Sort by a column</source>
        <translation>按列排序</translation>
    </message>
</context>
<context>
    <name>WarehouseView</name>
    <message>
        <source>Add pictures…</source>
        <extracomment>Rows go to the window at least this often, and in pieces of at most so many.</extracomment>
        <translation>添加图片…</translation>
    </message>
    <message>
        <source>Choose pictures to look up</source>
        <translation>选择要识别的图片</translation>
    </message>
    <message>
        <source>Add folder…</source>
        <translation>添加文件夹…</translation>
    </message>
    <message>
        <source>Look up all pictures in a folder</source>
        <translation>识别文件夹中的所有图片</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop looking up; what was found stays</source>
        <translation>停止识别；已有结果保留</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Save the table as CSV or XLSX</source>
        <translation>将表格保存为 CSV 或 XLSX</translation>
    </message>
    <message>
        <source>Labels…</source>
        <translation>标签…</translation>
    </message>
    <message>
        <source>Print new labels, or save them as PDF</source>
        <translation>打印新标签，或保存为 PDF</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清空</translation>
    </message>
    <message>
        <source>Remove all rows from the table</source>
        <translation>删除表格中的所有行</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Drop pictures or a folder here</source>
        <translation>将图片或文件夹拖到这里</translation>
    </message>
    <message>
        <source>Each is looked up; what is doubtful comes first. Enter confirms, 1 to 9 choose another product.</source>
        <translation>逐张识别，可疑的排在前面。按 Enter 确认，按 1 至 9 选择其他商品。</translation>
    </message>
    <message>
        <source>No catalog is open.</source>
        <translation>没有打开的目录。</translation>
    </message>
    <message>
        <source>Open a catalog first, then drop the pictures again.</source>
        <translation>请先打开目录，再重新拖入图片。</translation>
    </message>
    <message>
        <source>There are no pictures in it.</source>
        <translation>其中没有图片。</translation>
    </message>
    <message>
        <source>Choose a folder that holds photos.</source>
        <translation>请选择包含照片的文件夹。</translation>
    </message>
    <message>
        <source>Saved {count} rows in {name}.</source>
        <translation>已将 {count} 行保存到 {name}。</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Open pictures</source>
        <translation>打开图片</translation>
    </message>
    <message>
        <source>Open a folder of pictures</source>
        <translation>打开图片文件夹</translation>
    </message>
    <message>
        <source>Save the table</source>
        <translation>保存表格</translation>
    </message>
    <message>
        <source>{done} of {wanted} looked up</source>
        <translation>已识别 {done} / {wanted}</translation>
    </message>
    <message>
        <source>Pictures: {count}. Not decided: {left}. Unreadable: {unreadable}.</source>
        <translation>图片：{count}。未决定：{left}。无法读取：{unreadable}。</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>There is no picture yet. Choose a camera, or open a picture.</source>
        <extracomment>Settings that a catalog takes when it is opened. A live match that stays this long is noted in the history.</extracomment>
        <translation>还没有画面。请选择摄像头或打开图片。</translation>
    </message>
    <message>
        <source>Drag over the item, or use the arrow keys; Shift resizes.</source>
        <translation>拖动框出商品，或使用方向键；按 Shift 调整大小。</translation>
    </message>
    <message>
        <source>Closer: let the item fill the view, then press Space.</source>
        <translation>靠近一些：让商品充满画面，然后按空格。</translation>
    </message>
    <message>
        <source>More light: turn the item until no glare is left, then press Space.</source>
        <translation>增加光线：转动商品直到没有反光，然后按空格。</translation>
    </message>
</context>
<context>
    <name>Wording</name>
    <message>
        <source>no date</source>
        <translation>无日期</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>刚刚</translation>
    </message>
    <message>
        <source>{count} min ago</source>
        <translation>{count} 分钟前</translation>
    </message>
    <message>
        <source>{count} h ago</source>
        <translation>{count} 小时前</translation>
    </message>
    <message>
        <source>{count} days ago</source>
        <translation>{count} 天前</translation>
    </message>
    <message>
        <source>MATCH</source>
        <translation>匹配</translation>
    </message>
    <message>
        <source>AMBIGUOUS</source>
        <translation>不确定</translation>
    </message>
    <message>
        <source>UNKNOWN</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>规格</translation>
    </message>
    <message>
        <source>Flavour</source>
        <translation>口味</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>颜色</translation>
    </message>
    <message>
        <source>Material</source>
        <translation>材质</translation>
    </message>
    <message>
        <source>Weight</source>
        <translation>重量</translation>
    </message>
    <message>
        <source>Volume</source>
        <translation>容量</translation>
    </message>
    <message>
        <source>Base</source>
        <translation>基底</translation>
    </message>
    <message>
        <source>Cocoa</source>
        <translation>可可含量</translation>
    </message>
    <message>
        <source>Fat</source>
        <translation>脂肪</translation>
    </message>
    <message>
        <source>Pattern</source>
        <translation>图案</translation>
    </message>
    <message>
        <source>Roast</source>
        <translation>烘焙</translation>
    </message>
    <message>
        <source>Scent</source>
        <translation>香味</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>Spice</source>
        <translation>辣度</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>用途</translation>
    </message>
    <message>
        <source>Variety</source>
        <translation>品种</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Brand</source>
        <translation>品牌</translation>
    </message>
    <message>
        <source>Price</source>
        <translation>价格</translation>
    </message>
    <message>
        <source>Category</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Aisle</source>
        <translation>货架</translation>
    </message>
    <message>
        <source>SKU</source>
        <translation>SKU</translation>
    </message>
    <message>
        <source>Compare the colour</source>
        <translation>请比较颜色</translation>
    </message>
    <message>
        <source>Compare the size</source>
        <translation>请比较大小</translation>
    </message>
    <message>
        <source>Look here: the print differs</source>
        <translation>请看这里：印刷不同</translation>
    </message>
    <message>
        <source>{count} in stock</source>
        <translation>库存 {count}</translation>
    </message>
    <message>
        <source>Aisle {aisle}</source>
        <translation>货架 {aisle}</translation>
    </message>
</context>
</TS>
